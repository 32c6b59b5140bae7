// One language of the matrix: what its adapter.toml says, and the lists beside it. And the system it is tried on.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

namespace stdbind::conform {

/// What the placeholders of adapter.toml stand for.
struct Places {
  std::string root;     ///< the source tree
  std::string build;    ///< the build directory
  std::string library;  ///< the stdbind library under test
  std::string out{};    ///< what build steps make goes to a folder of the language in here; empty: BUILD/conform
};

/// One line of known-failing.txt or unsupported.txt: a glob over case names, and why.
struct ListLine {
  std::string glob;
  std::string reason;
  std::string place;  ///< file:line
};

struct BuildStep {
  std::string phase;  ///< generate, compile or link
  std::vector<std::string> command;
};

/// The system that adapters were built for: this one, or another that their programs are tried on from here.
struct Platform {
  std::string name;                    ///< empty: this one
  std::string build;                   ///< its build directory
  std::vector<std::string> languages;  ///< those that are built for it
  std::vector<std::string> launch;     ///< what starts a program of it here
  std::string suffix;                  ///< of its programs
  std::int64_t granularity = 1;        ///< mappings begin at multiples of this, at most so much before the case says
  bool readonly_is_shared = false;     ///< a private mapping shows as a shared one if nobody can write it
  bool mounts = true;                  ///< its programs see what is mounted for a case
  std::vector<ListLine> unsupported;   ///< cases that fail on it, and why; one that passes is red
};

struct Language {
  std::string name;
  std::string file;  ///< its adapter.toml
  std::string out;   ///< where its build steps put things
  bool is_default = true;
  std::vector<std::string> tool;
  std::vector<BuildStep> build;
  std::vector<std::string> start;
  std::map<std::string, std::string> environment;
  std::vector<ListLine> known_failing;
  std::vector<ListLine> unsupported;
  Platform platform;
};

/// Reads tests/conformance/platforms/NAME.toml and the list it names. *errors*: as load_language; an unknown name.
std::expected<Platform, std::string> load_platform(const std::string& name, const std::string& root);

/// Makes a language, whose places are those of the platform's build directory, one that runs on it.
void run_on(Language& language, const Platform& platform);

/// Reads one adapter.toml and the lists it names. *errors*: file, line and what would be right.
std::expected<Language, std::string> load_language(const std::string& file, const Places& places);

struct Languages {
  std::vector<Language> found;      ///< in the order of their names
  std::vector<std::string> errors;  ///< one for each adapter or pack that cannot be read
};

/// Finds the adapters in tests/conformance/adapters, those of the packs in bindings, and those of more packs.
Languages find_languages(const Places& places, const std::vector<std::string>& packs);

/// The first line whose glob matches the case, or nullptr.
const ListLine* find_line(const std::vector<ListLine>& lines, const std::string& case_name);

}  // namespace stdbind::conform
