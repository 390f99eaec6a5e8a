#include "weft/examples/flowlang/random_program.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "weft/base/xorshift.h"

namespace flowlang {
namespace {

enum class Type { kInt, kFloat, kBool, kString, kIntList };
constexpr int kTypes = 5;

struct Variable {
  std::string name;
  Type type;
};
struct Signature {
  std::string name;
  std::vector<Type> parameters;
  Type result;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string Program() {
    std::string text;
    const int statements = 2 + Below(6);
    for (int i = 0; i < statements; ++i) {
      switch (Below(4)) {
        case 0:
          text += Definition(absl::StrCat("f", i));
          break;
        case 1: {
          const Type type = AnyType();
          const std::string name = absl::StrCat("g", i);
          absl::StrAppend(&text, name, " = ", Of(type, 3), ";\n");
          variables_.push_back({name, type});
          break;
        }
        default:
          absl::StrAppend(&text, Of(AnyType(), 4), ";\n");
      }
    }
    return text;
  }

 private:
  int Below(int n) {
    return static_cast<int>(random_.Next() % static_cast<std::uint64_t>(n));
  }
  bool OneIn(int n) { return Below(n) == 0; }
  Type AnyType() { return static_cast<Type>(Below(kTypes)); }
  template <class T>
  const T& OneOf(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(Below(static_cast<int>(list.size())))];
  }
  std::string NewName() { return absl::StrCat("v", names_++); }

  // A function that calls itself a few times, with one argument less deep each,
  // and those that were defined before.
  std::string Definition(const std::string& name) {
    Signature signature{name, {Type::kInt}, AnyType()};
    const std::size_t globals = variables_.size();
    variables_.push_back({"n", Type::kInt});
    std::string parameters = "n";
    for (int i = Below(3); i > 0; --i) {
      const Type type = AnyType();
      variables_.push_back({NewName(), type});
      signature.parameters.push_back(type);
      absl::StrAppend(&parameters, ", ", variables_.back().name);
    }
    const std::string end = Of(signature.result, 2);
    const std::string body = Of(signature.result, 2);
    std::string again = absl::StrCat(name, "(if n > 3 then 3 else n - 1");
    for (std::size_t i = 1; i < signature.parameters.size(); ++i) {
      absl::StrAppend(&again, ", ", Of(signature.parameters[i], 1));
    }
    again += ")";
    variables_.resize(globals);
    functions_.push_back(signature);
    const std::string both = Joined(signature.result, body, again);
    return absl::StrCat("def ", name, "(", parameters, ") = if n <= 0 then ",
                        end, " else ", both, ";\n");
  }

  // Two values of a type as one.
  std::string Joined(Type type, const std::string& a, const std::string& b) {
    if (type != Type::kBool) return absl::StrCat("(", a, " + ", b, ")");
    return absl::StrCat("(", a, OneIn(2) ? " and " : " or ", b, ")");
  }

  // An expression of that type, as a rule.
  std::string Of(Type type, int depth) {
    if (OneIn(60)) type = AnyType();
    if (depth <= 0) return Simple(type);
    switch (Below(9)) {
      case 0:
        return Simple(type);
      case 1:
        return absl::StrCat("(if ", Of(Type::kBool, depth - 1), " then ",
                            Of(type, depth - 1), " else ", Of(type, depth - 1),
                            ")");
      case 2:
        return InBlock(type, depth);
      case 3:
        return CallOf(type, depth);
      case 4:
        return LambdaOf(type, depth);
      default:
        return ByType(type, depth);
    }
  }

  std::string Simple(Type type) {
    std::vector<std::string> known;
    for (const Variable& variable : variables_) {
      if (variable.type == type) known.push_back(variable.name);
    }
    if (!known.empty() && !OneIn(3)) return OneOf(known);
    switch (type) {
      case Type::kInt:
        return OneIn(40) ? "9223372036854775807" : absl::StrCat(Below(8));
      case Type::kFloat:
        return OneIn(40) ? "1.5e308" : absl::StrCat(Below(8), ".5");
      case Type::kBool:
        return OneIn(2) ? "true" : "false";
      case Type::kString:
        return OneIn(2) ? "\"ab\"" : "\"\"";
      case Type::kIntList:
        return OneIn(2) ? "[3, 1]" : "[]";
    }
    return "";
  }

  std::string InBlock(Type type, int depth) {
    const std::size_t outside = variables_.size();
    std::string text = "{ ";
    for (int i = 1 + Below(2); i > 0; --i) {
      const Type of = AnyType();
      const std::string name = NewName();
      absl::StrAppend(&text, name, " = ", Of(of, depth - 1), "; ");
      variables_.push_back({name, of});
    }
    absl::StrAppend(&text, Of(type, depth - 1), " }");
    variables_.resize(outside);
    return text;
  }

  std::string CallOf(Type type, int depth) {
    std::vector<Signature> known;
    for (const Signature& function : functions_) {
      if (function.result == type) known.push_back(function);
    }
    if (known.empty()) return ByType(type, depth);
    const Signature function = OneOf(known);
    std::string text = function.name;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? "(" : ", ",
                      i == 0 ? absl::StrCat(Below(4))
                             : Of(function.parameters[i], depth - 2));
    }
    return text + ")";
  }

  // A function that is called where it stands, with what is around it.
  std::string LambdaOf(Type type, int depth) {
    const std::size_t outside = variables_.size();
    const Type of = AnyType();
    const std::string argument = Of(of, depth - 1);
    const std::string name = NewName();
    variables_.push_back({name, of});
    const std::string body = Of(type, depth - 1);
    variables_.resize(outside);
    return absl::StrCat("(fn (", name, ") = ", body, ")(", argument, ")");
  }

  // `fn (a, b) = ...` of two values of a type; of one, if that is `unary`.
  std::string Function(bool unary, Type argument, Type result, int depth) {
    const std::size_t outside = variables_.size();
    std::string text = "fn (";
    for (int i = unary ? 1 : 2; i > 0; --i) {
      variables_.push_back({NewName(), argument});
      absl::StrAppend(&text, variables_.back().name, i > 1 ? ", " : "");
    }
    absl::StrAppend(&text, ") = ", Of(result, depth));
    variables_.resize(outside);
    return text;
  }

  std::string ByType(Type type, int depth) {
    const int less = depth - 1;
    switch (type) {
      case Type::kInt:
        switch (Below(5)) {
          case 0:
            return absl::StrCat(
                "len(", Of(OneIn(2) ? Type::kString : Type::kIntList, less),
                ")");
          case 1:
            return absl::StrCat(Of(Type::kIntList, less), "[",
                                Of(Type::kInt, less), "]");
          case 2:
            return absl::StrCat("reduce(",
                                Function(false, Type::kInt, Type::kInt, less),
                                ", ", Of(Type::kIntList, less), " + [1, 2])");
          case 3:
            return absl::StrCat(
                "fold(", Function(false, Type::kInt, Type::kInt, less), ", ",
                Of(Type::kInt, less), ", ", Of(Type::kIntList, less), ")");
          default:
            return Infix(Type::kInt, {"+", "-", "*", "/", "%"}, less);
        }
      case Type::kFloat:
        if (OneIn(3)) return absl::StrCat("float(", Of(Type::kInt, less), ")");
        return Infix(Type::kFloat, {"+", "-", "*", "/"}, less);
      case Type::kBool:
        if (OneIn(4)) return absl::StrCat("(not ", Of(Type::kBool, less), ")");
        if (OneIn(3)) return Infix(Type::kBool, {"and", "or"}, less);
        return Infix(AnyType(), {"==", "!=", "<", ">="}, less);
      case Type::kString:
        if (OneIn(10)) return "read_file(\"none\")";
        if (OneIn(3)) return absl::StrCat("str(", Of(AnyType(), less), ")");
        if (OneIn(3))
          return absl::StrCat("hash(", Of(Type::kString, less), ")");
        return Infix(Type::kString, {"+"}, less);
      case Type::kIntList:
        switch (Below(5)) {
          case 0:
            return absl::StrCat("[", Of(Type::kInt, less), ", ",
                                Of(Type::kInt, less), "]");
          case 1:
            return absl::StrCat("range(0, ", Below(5), ")");
          case 2:
            return absl::StrCat("map(",
                                Function(true, Type::kInt, Type::kInt, less),
                                ", ", Of(Type::kIntList, less), ")");
          case 3:
            return absl::StrCat("filter(",
                                Function(true, Type::kInt, Type::kBool, less),
                                ", ", Of(Type::kIntList, less), ")");
          default:
            return Infix(Type::kIntList, {"+"}, less);
        }
    }
    return "";
  }

  std::string Infix(Type type, const std::vector<std::string_view>& operators,
                    int depth) {
    const std::string left = Of(type, depth);
    const std::string_view op = OneOf(operators);
    return absl::StrCat("(", left, " ", op, " ", Of(type, depth), ")");
  }

  weft::XorShift64 random_;
  int names_ = 0;
  std::vector<Variable> variables_;
  std::vector<Signature> functions_;
};

}  // namespace

std::string RandomProgram(std::uint64_t seed) {
  return Generator(seed).Program();
}

}  // namespace flowlang
