// Reads adapter.toml by a closed table of keys: a misspelt key is an error, never ignored.
#include "conform/language.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include <toml++/toml.h>

#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;

struct Broken {
  std::string text;
};

[[noreturn]] void broken(const std::string& file, const toml::source_region& place, const std::string& what) {
  throw Broken{file + (place.begin.line > 0 ? ":" + std::to_string(place.begin.line) : "") + ": " + what};
}

void check_keys(const std::string& file, const toml::table& table, std::initializer_list<std::string_view> known,
                const std::string& where) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    broken(file, node.source(),
           "unknown key `" + std::string(key.str()) + "` " + where + " (known: " + join(names, ", ") + ")");
  }
}

class Reader {
 public:
  Reader(const std::string& file, const Places& places) : file_(file), places_(places) {}

  Language read() {
    const auto text = read_text_file(file_);
    if (!text) throw Broken{text.error()};
    table_ = parse(*text);
    check_keys(file_, table_, {"language", "default", "tool", "known_failing", "unsupported", "build", "start"},
               "at the top");
    Language language;
    language.file = file_;
    language.name = text_of(table_, "language", true);
    if (language.name.empty() ||
        language.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
      broken(file_, table_.source(), "language has lower-case letters, digits and -");
    language.out = (places_.out.empty() ? places_.build + "/conform" : places_.out) + "/" + language.name;
    out_ = language.out;
    language.is_default = flag("default", true);
    if (const auto* node = table_.get("tool")) language.tool = command(*node, "tool");
    language.known_failing = list("known_failing");
    language.unsupported = list("unsupported");
    if (const auto* node = table_.get("build")) language.build = build_steps(*node);
    read_start(language);
    return language;
  }

  Platform read_platform() {
    const auto text = read_text_file(file_);
    if (!text) throw Broken{text.error()};
    table_ = parse(*text);
    check_keys(file_, table_,
               {"build", "languages", "launch", "suffix", "granularity", "readonly_is_shared", "mounts", "unsupported"},
               "at the top");
    Platform platform;
    platform.name = fs::path(file_).stem().string();
    platform.build = expand(text_of(table_, "build", true), table_.source());
    const auto* languages = table_.get("languages");
    if (languages == nullptr) broken(file_, table_.source(), "languages is missing");
    platform.languages = command(*languages, "languages");
    if (const auto* node = table_.get("launch")) platform.launch = command(*node, "launch");
    platform.suffix = text_of(table_, "suffix", false);
    if (const auto* node = table_.get("granularity")) {
      platform.granularity = node->value<std::int64_t>().value_or(0);
      if (platform.granularity < 1) broken(file_, node->source(), "granularity is a number of bytes, at least 1");
    }
    platform.readonly_is_shared = flag("readonly_is_shared", false);
    platform.mounts = flag("mounts", true);
    platform.unsupported = list("unsupported");
    return platform;
  }

 private:
  toml::table parse(const std::string& text) {
    try {
      return toml::parse(text);
    } catch (const toml::parse_error& error) {
      broken(file_, error.source(), std::string(error.description()));
    }
  }

  bool flag(std::string_view key, bool missing) {
    const auto* node = table_.get(key);
    if (node == nullptr) return missing;
    if (!node->is_boolean()) broken(file_, node->source(), std::string(key) + " is true or false");
    return node->as_boolean()->get();
  }

  std::string text_of(const toml::table& table, std::string_view key, bool required) {
    const auto* node = table.get(key);
    if (node == nullptr) {
      if (required) broken(file_, table.source(), std::string(key) + " is missing");
      return {};
    }
    if (!node->is_string()) broken(file_, node->source(), std::string(key) + " must be text");
    return node->as_string()->get();
  }

  std::string expand(std::string text, const toml::source_region& place) {
    const std::pair<std::string_view, std::string> placeholders[] = {
        {"root", places_.root}, {"build", places_.build},     {"adapter", fs::path(file_).parent_path().string()},
        {"out", out_},          {"library", places_.library}, {"venv", places_.root + "/.toolchain/venv"}};
    std::size_t at = 0;
    while ((at = text.find('{', at)) != std::string::npos) {
      const auto end = text.find('}', at);
      const auto name = end == std::string::npos ? std::string() : text.substr(at + 1, end - at - 1);
      const auto* found = std::ranges::find(placeholders, name, &std::pair<std::string_view, std::string>::first);
      if (found == std::end(placeholders))
        broken(file_, place, "`{" + name + "}` is no placeholder ({root} {build} {adapter} {out} {library} {venv})");
      text.replace(at, end - at + 1, found->second);
      at += found->second.size();
    }
    return text;
  }

  std::vector<std::string> command(const toml::node& node, const std::string& key) {
    std::vector<std::string> words;
    const auto* array = node.as_array();
    if (array == nullptr || array->empty())
      broken(file_, node.source(), key + R"( must be a list of texts, such as ["python3", "{adapter}/adapter.py"])");
    for (const auto& word : *array) {
      if (!word.is_string()) broken(file_, word.source(), key + " must hold only texts");
      words.push_back(expand(word.as_string()->get(), word.source()));
    }
    return words;
  }

  std::vector<BuildStep> build_steps(const toml::node& node) {
    std::vector<BuildStep> steps;
    const auto* array = node.as_array();
    if (array == nullptr) broken(file_, node.source(), "build steps are written as [[build]]");
    for (const auto& item : *array) {
      const auto* table = item.as_table();
      if (table == nullptr) broken(file_, item.source(), "build steps are written as [[build]]");
      check_keys(file_, *table, {"phase", "command"}, "in [[build]]");
      BuildStep step;
      step.phase = text_of(*table, "phase", true);
      if (step.phase != "generate" && step.phase != "compile" && step.phase != "link")
        broken(file_, table->source(), "phase is generate, compile or link, not `" + step.phase + "`");
      const auto* words = table->get("command");
      if (words == nullptr) broken(file_, table->source(), "command is missing");
      step.command = command(*words, "command");
      steps.push_back(std::move(step));
    }
    return steps;
  }

  void read_start(Language& language) {
    const auto* node = table_.get("start");
    if (node == nullptr || !node->is_table()) broken(file_, table_.source(), "the table [start] is missing");
    const auto& table = *node->as_table();
    check_keys(file_, table, {"command", "environment"}, "in [start]");
    const auto* words = table.get("command");
    if (words == nullptr) broken(file_, table.source(), "command is missing in [start]");
    language.start = command(*words, "command");
    const auto* environment = table.get("environment");
    if (environment == nullptr) return;
    if (!environment->is_table()) broken(file_, environment->source(), "environment must be a table of texts");
    for (const auto& [name, value] : *environment->as_table()) {
      if (!value.is_string()) broken(file_, value.source(), "environment must be a table of texts");
      language.environment.emplace(std::string(name.str()), expand(value.as_string()->get(), value.source()));
    }
  }

  std::vector<ListLine> list(std::string_view key) {
    const auto name = text_of(table_, key, false);
    std::vector<ListLine> lines;
    if (name.empty()) return lines;
    const auto path = (fs::path(file_).parent_path() / name).string();
    const auto text = read_text_file(path);
    if (!text) throw Broken{file_ + ": " + std::string(key) + ": " + text.error()};
    int number = 0;
    for (const auto raw : split(*text, '\n')) {
      ++number;
      const auto line = trim(raw);
      if (line.empty() || line.starts_with('#')) continue;
      const auto place = path + ":" + std::to_string(number);
      const auto blank = line.find_first_of(" \t");
      if (blank == std::string_view::npos) throw Broken{place + ": a reason must follow the glob"};
      lines.push_back({std::string(line.substr(0, blank)), std::string(trim(line.substr(blank))), place});
    }
    return lines;
  }

  std::string file_;
  const Places& places_;
  std::string out_;
  toml::table table_;
};

// The adapter.toml that a pack names, or nothing if it names none.
std::string adapter_of_pack(const std::string& pack_file) {
  const auto text = read_text_file(pack_file);
  if (!text) throw Broken{text.error()};
  toml::table table;
  try {
    table = toml::parse(*text);
  } catch (const toml::parse_error& error) {
    broken(pack_file, error.source(), std::string(error.description()));
  }
  const auto* node = table.get("conformance");
  if (node == nullptr) return {};
  if (!node->is_table()) broken(pack_file, node->source(), "conformance must be a table");
  const auto* adapter = node->as_table()->get("adapter");
  if (adapter == nullptr || !adapter->is_string())
    broken(pack_file, node->source(), R"([conformance] needs adapter = "path/to/adapter.toml")");
  return (fs::path(pack_file).parent_path() / adapter->as_string()->get()).string();
}

void collect(const fs::path& directory, const char* name, std::set<std::string>& files) {
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (fs::exists(it->path() / name)) files.insert((it->path() / name).string());
}

}  // namespace

std::expected<Language, std::string> load_language(const std::string& file, const Places& places) {
  try {
    return Reader(file, places).read();
  } catch (const Broken& error) {
    return std::unexpected(error.text);
  }
}

std::expected<Platform, std::string> load_platform(const std::string& name, const std::string& root) {
  const fs::path directory = fs::path(root) / "tests/conformance/platforms";
  const auto file = (directory / (name + ".toml")).string();
  if (!fs::exists(file)) {
    std::vector<std::string> known;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".toml") known.push_back(it->path().stem().string());
    std::ranges::sort(known);
    return std::unexpected("there is no platform `" + name + "` (known: " + join(known, ", ") + ")");
  }
  try {
    return Reader(file, Places{.root = root, .build = {}, .library = {}}).read_platform();
  } catch (const Broken& error) {
    return std::unexpected(error.text);
  }
}

void run_on(Language& language, const Platform& platform) {
  language.name += "@" + platform.name;
  language.start.front() += platform.suffix;
  language.start.insert(language.start.begin(), platform.launch.begin(), platform.launch.end());
  language.tool.clear();  // the adapter tells what it was built with
  language.platform = platform;
}

Languages find_languages(const Places& places, const std::vector<std::string>& packs) {
  Languages all;
  std::set<std::string> pack_files;
  collect(fs::path(places.root) / "bindings", "pack.toml", pack_files);
  for (const auto& pack : packs) pack_files.insert((fs::path(pack) / "pack.toml").string());
  std::set<std::string> files;
  collect(fs::path(places.root) / "tests/conformance/adapters", "adapter.toml", files);
  for (const auto& pack : pack_files) {
    try {
      if (const auto file = adapter_of_pack(pack); !file.empty()) files.insert(file);
    } catch (const Broken& error) {
      all.errors.push_back(error.text);
    }
  }
  std::set<std::string> seen;
  for (const auto& file : files) {
    std::error_code error;
    const auto real = fs::weakly_canonical(file, error).string();
    if (!seen.insert(real).second) continue;
    auto language = load_language(real, places);
    if (!language) {
      all.errors.push_back(language.error());
      continue;
    }
    const auto same = std::ranges::find(all.found, language->name, &Language::name);
    if (same != all.found.end())
      all.errors.push_back(real + ": the language " + language->name + " is also in " + same->file);
    else
      all.found.push_back(std::move(*language));
  }
  std::ranges::sort(all.found, {}, &Language::name);
  return all;
}

const ListLine* find_line(const std::vector<ListLine>& lines, const std::string& case_name) {
  const auto found =
      std::ranges::find_if(lines, [&](const ListLine& line) { return glob_matches(line.glob, case_name); });
  return found == lines.end() ? nullptr : &*found;
}

}  // namespace stdbind::conform
