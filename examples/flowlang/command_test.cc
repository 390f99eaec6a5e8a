// The program as it is called from a shell, the examples in programs/, and the
// picture.

#include "weft/examples/flowlang/command.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace flowlang {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kPrograms = "examples/flowlang/programs/";

// A file that can be read back.
class TextFile {
 public:
  TextFile() : file_(std::tmpfile()) {}
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() { std::fclose(file_); }

  std::FILE* file() const { return file_; }
  std::string Text() const {
    std::string text;
    std::rewind(file_);
    for (int c; (c = std::fgetc(file_)) != EOF;) text += static_cast<char>(c);
    return text;
  }

 private:
  std::FILE* const file_;
};

struct Ran {
  int status;
  std::string out;
  std::string errors;

  bool operator==(const Ran&) const = default;
};

Ran RunWith(const std::vector<std::string>& arguments) {
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(argument.c_str());
  }
  TextFile out;
  TextFile errors;
  const int status = Command(pointers, out.file(), errors.file());
  return {status, out.Text(), errors.Text()};
}

std::string TempPath(const std::string& name) {
  return ::testing::TempDir() + "/" + name;
}
std::string WithText(const std::string& name, const std::string& text) {
  std::ofstream(TempPath(name), std::ios::binary) << text;
  return TempPath(name);
}

TEST(Command, ExamplesGiveTheSameHoweverTheyAreRun) {
  int programs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPrograms)) {
    const std::string path = entry.path().string();
    const Ran sequential = RunWith({"--sequential", path});
    EXPECT_EQ(sequential.status, 0) << path << sequential.errors;
    EXPECT_NE(sequential.out, "");
    for (const char* workers : {"--workers=1", "--workers=2", "--workers=4"}) {
      EXPECT_EQ(RunWith({workers, path}), sequential) << path << workers;
    }
    ++programs;
  }
  EXPECT_EQ(programs, 8);
}

TEST(Command, ExamplesAreRight) {
  const auto out = [](std::string_view name) {
    return RunWith({std::string(kPrograms) + std::string(name)}).out;
  };
  EXPECT_THAT(out("tour.flow"), StartsWith("[144, 285, "));
  EXPECT_THAT(out("fib.flow"), StartsWith("987\n[0, 1, 1, 2, 3, 5, 8, "));
  EXPECT_THAT(out("primes.flow"),
              StartsWith("303\n[2, 3, 5, 7, 11, 13, 17, 19, 23, 29]\n1999\n"));
  EXPECT_THAT(out("mergesort.flow"), HasSubstr("\n[0, 14, 15, 16, 22, 27, 27"));
  EXPECT_THAT(out("mergesort.flow"), HasSubstr("\ntrue\n"));
}

TEST(Command, Mistakes) {
  const std::string path = WithText("bad.flow", "a = 1;\nb = a +;\n");
  const Ran ran = RunWith({path});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.errors, path +
                            ":2:8: expected an expression, not ';'\n"
                            "  b = a +;\n"
                            "         ^\n");
}

TEST(Command, ErrorsOfARun) {
  const std::string path = WithText("zero.flow", "\"fine\"; 1 / 0; 2;");
  for (const char* how : {"--sequential", "--workers=2"}) {
    const Ran ran = RunWith({how, path});
    EXPECT_EQ(ran.status, 1);
    EXPECT_EQ(ran.out, "fine\n");
    EXPECT_EQ(ran.errors, path +
                              ":1:11: division by zero\n"
                              "  \"fine\"; 1 / 0; 2;\n"
                              "            ^\n");
  }
}

TEST(Command, FilesAreReadBesideTheProgram) {
  (void)WithText("some.txt", "some text");
  const std::string path = WithText("read.flow", "read_file(\"some.txt\");");
  EXPECT_EQ(RunWith({path}).out, "some text\n");
}

TEST(Command, Flags) {
  EXPECT_THAT(RunWith({"--help"}).out, HasSubstr("--workers=N"));
  EXPECT_EQ(RunWith({}), RunWith({"--help"}));
  const auto refused = [](const std::vector<std::string>& arguments) {
    const Ran ran = RunWith(arguments);
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.out, "");
    return ran.errors;
  };
  EXPECT_THAT(refused({"--sequential"}), StartsWith("flowlang: wants a file"));
  EXPECT_THAT(refused({"--workers=0", "x"}), HasSubstr("from 1 to 1024"));
  EXPECT_THAT(refused({"--workers", "two", "x"}), HasSubstr("--workers=two"));
  EXPECT_THAT(refused({"x", "--graph"}), HasSubstr("--graph wants a value"));
  EXPECT_THAT(refused({"--fast", "x"}), HasSubstr("no flag --fast"));
  EXPECT_THAT(refused({"x", "y"}), HasSubstr("one file at a time"));
  EXPECT_THAT(refused({"--sequential", "--graph=g", "x"}),
              HasSubstr("not with --sequential"));
  EXPECT_THAT(refused({"/nowhere/x"}), HasSubstr("cannot read a program"));
  EXPECT_THAT(refused({::testing::TempDir()}), HasSubstr("cannot read"));
  const std::string path = WithText("one.flow", "1;");
  const Ran ran = RunWith({"--graph=/nowhere/g.svg", path});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.errors, HasSubstr("cannot write /nowhere/g.svg"));
}

// Whether every element that begins ends, in order, and has quoted attributes:
// all of XML that the picture uses. Returns how many elements there are.
int CountElements(std::string_view text) {
  int elements = 0;
  std::vector<std::string> open;
  while (!text.empty()) {
    const auto begin = text.find('<');
    EXPECT_EQ(text.substr(0, begin).find('>'), text.npos);
    if (begin == text.npos) break;
    const auto end = text.find('>', begin);
    std::string tag(text.substr(begin + 1, end - begin - 1));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (tag.starts_with("/")) {
      EXPECT_FALSE(open.empty());
      if (open.empty()) break;
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
      continue;
    }
    ++elements;
    EXPECT_EQ(tag.find('<'), tag.npos) << tag;
    int quotes = 0;
    for (char c : tag) quotes += c == '\'' ? 1 : 0;
    EXPECT_EQ(quotes % 2, 0) << tag;
    if (!tag.ends_with("/")) open.push_back(tag.substr(0, tag.find(' ')));
  }
  EXPECT_THAT(open, IsEmpty());
  return elements;
}

std::string GraphOf(const std::string& path) {
  const std::string graph = TempPath("graph.svg");
  EXPECT_EQ(RunWith({"--workers=2", "--graph=" + graph, path}).status, 0);
  std::ifstream file(graph);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Graph, ShowsEachNodeOnce) {
  const std::string svg = GraphOf(
      WithText("small.flow",
               "def twice(x) = 2 * x;\n"
               "twice(1) + twice(20); read_file(\"small.flow\") == \"<&>\";"));
  EXPECT_GT(CountElements(svg), 10);
  EXPECT_THAT(svg, HasSubstr("5 nodes on 2 workers"));
  for (const char* label : {"twice(1)", "twice(20)", "2 + 40"}) {
    EXPECT_THAT(svg, AllOf(HasSubstr(std::string("<title>") + label + "\n"),
                           HasSubstr(std::string(">") + label + "</text>")));
  }
  EXPECT_THAT(svg, HasSubstr("== \"&lt;&amp;&gt;\"\n"));
  EXPECT_THAT(svg, HasSubstr(" at 2:1\n"));
}

TEST(Graph, OfAnyProgramIsADocument) {
  EXPECT_GT(CountElements(GraphOf(WithText("none.flow", ""))), 3);
  for (const auto& entry : std::filesystem::directory_iterator(kPrograms)) {
    EXPECT_GT(CountElements(GraphOf(entry.path().string())), 50);
  }
}

}  // namespace
}  // namespace flowlang
