// The text form that the oracles' programs share: one line per thread, its
// statements separated by semicolons.
//
//   x.store(1, rlx); fence(sc); a = y.load(acq)
//   if (a == 1) b = x.cas(0, 2, ar, rlx)
//
// program.h and blocking_program.h give the verbs their meaning. A program that
// a test prints can be pasted into another test.

#ifndef WEFT_MODEL_ORACLE_STATEMENT_H_
#define WEFT_MODEL_ORACLE_STATEMENT_H_

#include <string>
#include <string_view>
#include <vector>

namespace weft::model::oracle {

/// One statement: `if (guard == guard_value) result = object.verb(arguments)`.
/// The parts that are not there are empty.
struct Statement {
  std::string guard;
  int guard_value = 0;
  std::string result;
  std::string object;
  std::string verb;
  std::vector<std::string> arguments;
};

/// The statements of each thread. Lines without a statement are skipped. Aborts
/// with a message if the text is malformed: it is a part of a test.
std::vector<std::vector<Statement>> ParseStatements(std::string_view text);

/// The text of one statement; ParseStatements() reads it back.
std::string ToString(const Statement& statement);

/// `text` as a number; aborts if it is none.
int ParseNumber(std::string_view text);

/// Whether `text` is a number, perhaps with a sign.
bool IsNumber(std::string_view text);

/// The index of `name` in `names`, where it is appended if it is new.
int IndexOf(std::string_view name, std::vector<std::string>& names);

/// Ends the program: the text `where` is wrong for the reason `what`.
[[noreturn]] void Malformed(std::string_view what, std::string_view where);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_STATEMENT_H_
