// A language pack: pack.toml and its templates. All that the generator knows about a language is in here.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace stdbind::generate {

inline constexpr int pack_version = 1;

struct Template {
  std::string file;    // in the pack
  std::string output;  // Mustache: the name of the file that it writes
  std::string content;
};

// Replacements that make a text safe in a comment or a literal of the language.
using Escapes = std::vector<std::pair<std::string, std::string>>;

struct Pack {
  std::filesystem::path folder;
  std::string language;
  std::string title;

  std::vector<Template> templates;

  std::set<std::string> stripped;             // kinds of names that lose the library's prefix
  std::map<std::string, std::string> styles;  // functions, types, constants, parameters, members
  std::string size_constant;                  // "SIZEOF_{structure}"
  std::string offset_constant;                // "OFFSETOF_{structure}_{field}"
  bool typed_enumerations = false;            // an enumeration becomes a type, not only constants
  std::set<std::string> keywords;
  std::string keyword_suffix;
  std::map<std::string, std::set<std::string>> reserved;  // names that the templates take: "functions", "module"

  std::map<std::string, std::string> types;       // what crosses the C boundary
  std::map<std::string, std::string> parameters;  // what users pass, where it differs
  std::map<std::string, std::string> results;     // what functions give back, where it differs
  std::map<std::string, std::string> targets;     // what a pointer points to

  std::map<std::string, bool> capabilities;
  int max_arguments = 0;  // 0: no limit

  Escapes documentation_escapes;
  std::map<std::string, std::string> documentation;  // sentences for what has no comment; "capitalize", "end"
  std::string text_quote = "\"";
  Escapes text_escapes;

  std::vector<std::string> format;                           // command; "{file}" stands for the file
  std::map<std::string, std::vector<std::string>> commands;  // build, run, ...: for people and for conform
  std::map<std::string, std::string> paths;                  // module and adapter, relative to the pack
  std::string run_note;                                      // Mustache: printed after a run
  std::map<std::string, std::string> names;  // spellings that changed between tool versions, for the templates
};

// Reads DIR/pack.toml. Throws Failure (2) that names file and key.
Pack read_pack(const std::filesystem::path& folder);

// The folder of a language's pack below ROOT/bindings. Throws Failure (2) that lists the languages there are.
std::filesystem::path find_pack(const std::filesystem::path& root, const std::string& language);

// Every capability that a pack has to answer, with what it means.
const std::map<std::string, std::string>& capability_flags();

}  // namespace stdbind::generate
