// The text of the code under test, where it can be read: reports call objects
// what the code calls them.

#ifndef WEFT_MODEL_SOURCE_TEXT_H_
#define WEFT_MODEL_SOURCE_TEXT_H_

#include <source_location>
#include <string>
#include <string_view>

namespace weft::model {

/// The last part of the file's name and the line, "queue.h:41"; "?" if there is
/// none.
std::string ShortPlace(const std::source_location& where);

/// Whether the file is a header of the system or a part of the checker: a place
/// there says nothing about a test.
bool IsForeign(std::string_view file);

/// The same of a place; also if there is none.
bool IsForeign(const std::source_location& where);

/// A line of a source file, or "" if it cannot be read. `file` is a name as the
/// compiler knows it; it is looked for below the working directory, the
/// environment's MODEL_SOURCE_ROOT, and where Bazel has the sources. Files are
/// kept in memory.
std::string_view SourceLine(std::string_view file, unsigned line);

/// The object that an operation is called on, as the code calls it:
/// "node->next" where `where` is the place of the call in "x =
/// node->next.load(...)". Empty if it does not become clear. Compilers put the
/// place of a call at its beginning, or at its parenthesis.
std::string ObjectOfCall(const std::source_location& where);

/// ObjectOfCall in a given line; `column` counts from 1.
std::string ObjectOfCall(std::string_view line, unsigned column);

/// The name that is declared where an object is constructed: "ready" at the
/// place of the constructor call in "Atomic<bool> ready(false);". Empty if it
/// does not become clear.
std::string NameOfDeclaration(const std::source_location& where);

/// NameOfDeclaration in a given line; `column` counts from 1.
std::string NameOfDeclaration(std::string_view line, unsigned column);

}  // namespace weft::model

#endif  // WEFT_MODEL_SOURCE_TEXT_H_
