// Reads pack.toml strictly: an unknown key is an error, so that a misspelt one cannot be passed over.
#include "pack.hpp"

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <algorithm>
#include <functional>

#include "failure.hpp"
#include "files.hpp"
#include "names.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_templates = 6;

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// One table of the file, which notes the keys that were read.
class Table {
 public:
  Table(const toml::table* table, std::string file, std::string name)
      : table_(table), file_(std::move(file)), name_(std::move(name)) {}

  [[noreturn]] void wrong(const std::string& key, const std::string& what) const {
    const toml::node* node = table_ != nullptr ? table_->get(key) : nullptr;
    const int line = node != nullptr ? static_cast<int>(node->source().begin.line) : 0;
    usage_failure(Place{file_, line}.text() + ": " + full(key) + ": " + what);
  }

  std::string text(const std::string& key) {
    const toml::node* node = find(key);
    if (node == nullptr) wrong(key, "this key is missing; see docs/adding-a-language.md");
    if (!node->is_string()) wrong(key, "a text is needed");
    return **node->as_string();
  }

  std::string text(const std::string& key, const std::string& otherwise) {
    return find(key) == nullptr ? otherwise : text(key);
  }

  std::int64_t number(const std::string& key) {
    const toml::node* node = find(key);
    if (node == nullptr) wrong(key, "this key is missing; see docs/adding-a-language.md");
    if (!node->is_integer()) wrong(key, "a whole number is needed");
    return **node->as_integer();
  }

  bool flag(const std::string& key) {
    const toml::node* node = find(key);
    if (node == nullptr) wrong(key, "this key is missing; it is true or false");
    if (!node->is_boolean()) wrong(key, "true or false is needed");
    return **node->as_boolean();
  }

  std::vector<std::string> texts(const std::string& key) {
    const toml::node* node = find(key);
    std::vector<std::string> list;
    if (node == nullptr) return list;
    if (!node->is_array()) wrong(key, "a list of texts is needed");
    for (const auto& element : *node->as_array()) {
      if (!element.is_string()) wrong(key, "a list of texts is needed");
      list.push_back(**element.as_string());
    }
    return list;
  }

  Table table(const std::string& key, bool needed = false) {
    const toml::node* node = find(key);
    if (node == nullptr && needed) wrong(key, "this table is missing; see docs/adding-a-language.md");
    if (node != nullptr && !node->is_table()) wrong(key, "a table is needed");
    return {node == nullptr ? nullptr : node->as_table(), file_, full(key)};
  }

  std::vector<std::string> keys() const {
    std::vector<std::string> list;
    if (table_ == nullptr) return list;
    for (const auto& [key, node] : *table_) list.emplace_back(key.str());
    return list;
  }

  std::map<std::string, std::string> all_texts() {
    std::map<std::string, std::string> all;
    for (const auto& key : keys()) all[key] = text(key);
    return all;
  }

  // Pairs [["from", "to"], ...], because the order matters.
  Escapes escapes(const std::string& key) {
    Escapes list;
    const toml::node* node = find(key);
    if (node == nullptr) return list;
    const toml::array* array = node->as_array();
    if (array == nullptr) wrong(key, "a list of pairs of texts is needed");
    for (const auto& element : *array) {
      const toml::array* pair = element.as_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) {
        wrong(key, "a list of pairs of texts is needed");
      }
      list.emplace_back(**(*pair)[0].as_string(), **(*pair)[1].as_string());
    }
    return list;
  }

  void finish() const {
    for (const auto& key : keys()) {
      if (read_.contains(key)) continue;
      wrong(key,
            "unknown key" + (read_.empty() ? std::string() : "; known here: " + listed({read_.begin(), read_.end()})));
    }
  }

 private:
  const toml::node* find(const std::string& key) {
    read_.insert(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  std::string full(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }

  const toml::table* table_;
  std::string file_;
  std::string name_;
  std::set<std::string> read_;
};

void only(Table& table, const std::map<std::string, std::string>& found, const std::vector<std::string>& known) {
  for (const auto& [key, value] : found) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      table.wrong(key, "unknown key; known here: " + listed(known));
  }
}

void read_templates(Table& top, Pack& pack, const std::string& file) {
  Table table = top.table("templates", true);
  const auto outputs = table.all_texts();
  if (outputs.empty())
    usage_failure(file + ": templates: at least one template is needed: \"file.mustache\" = \"output name\"");
  if (outputs.size() > most_templates)
    usage_failure(file + ": templates: at most " + std::to_string(most_templates) + " are allowed");
  for (const auto& [name, output] : outputs) {
    const auto content = read_file(pack.folder / name);
    if (!content) table.wrong(name, "the template " + (pack.folder / name).string() + " cannot be read");
    pack.templates.push_back({name, output, *content});
  }
}

void read_naming(Table& top, Pack& pack) {
  Table table = top.table("naming", true);
  for (const char* kind : {"functions", "types", "constants", "members", "parameters"}) {
    pack.styles[kind] = table.text(kind);
    if (!is_style(pack.styles[kind])) table.wrong(kind, "unknown style; known: keep, snake, upper, pascal, camel");
  }
  pack.size_constant = table.text("size_constant");
  pack.offset_constant = table.text("offset_constant");
  pack.typed_enumerations = table.flag("typed_enumerations");
  for (const auto& kind : table.texts("strip_prefix")) {
    if (!pack.styles.contains(kind))
      table.wrong("strip_prefix", "unknown kind " + kind + "; known: functions, types, constants");
    pack.stripped.insert(kind);
  }
  for (const auto& word : table.texts("keywords")) pack.keywords.insert(word);
  pack.keyword_suffix = table.text("keyword_suffix", "_");
  for (const auto& word : table.texts("reserved_functions")) pack.reserved["functions"].insert(word);
  for (const auto& word : table.texts("reserved_module")) pack.reserved["module"].insert(word);
  for (const auto& word : table.texts("reserved_parameters")) pack.reserved["parameters"].insert(word);
  table.finish();
}

void read_types(Table& top, Pack& pack) {
  const std::vector<std::string> kinds = {"nothing", "integer",          "real",        "text",
                                          "pointer", "constant_pointer", "enumeration", "boolean"};
  Table types = top.table("types", true);
  for (const auto& kind : kinds) {
    if (kind == "nothing" || kind == "enumeration" || kind == "boolean") continue;
    pack.types[kind] = types.text(kind);
  }
  pack.types["nothing"] = types.text("nothing", "");
  pack.types["enumeration"] = types.text("enumeration", pack.types["integer"]);
  pack.types["boolean"] = types.text("boolean", pack.types["integer"]);
  types.finish();
  Table parameters = top.table("parameters");
  pack.parameters = parameters.all_texts();
  only(parameters, pack.parameters, kinds);
  Table results = top.table("results");
  pack.results = results.all_texts();
  only(results, pack.results, kinds);
  Table targets = top.table("targets");
  pack.targets = targets.all_texts();
  only(targets, pack.targets,
       {"void", "byte", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
        "structure", "opaque", "pointer", "other"});
}

}  // namespace

const std::map<std::string, std::string>& capability_flags() {
  static const std::map<std::string, std::string> flags = {
      {"callbacks", "functions of the language can be passed to C"},
      {"floats", "floating-point numbers can be passed and returned"},
      {"struct_by_value", "structures can be passed and returned by value"},
      {"varargs", "functions with a variable number of arguments can be called"},
  };
  return flags;
}

Pack read_pack(const fs::path& folder) {
  Pack pack;
  pack.folder = folder;
  const std::string file = (folder / "pack.toml").string();
  const auto content = read_file(file);
  if (!content) usage_failure(file + " cannot be read; a pack is a folder with a pack.toml: docs/adding-a-language.md");
  toml::table parsed;
  try {
    parsed = toml::parse(*content, file);
  } catch (const toml::parse_error& error) {
    usage_failure(Place{file, static_cast<int>(error.source().begin.line)}.text() + ": " +
                  std::string(error.description()));
  }
  Table top(&parsed, file, "");
  if (top.number("pack") != pack_version) {
    top.wrong("pack", "this generator reads packs of version " + std::to_string(pack_version));
  }
  pack.language = top.text("language");
  pack.title = top.text("title", pack.language);
  read_templates(top, pack, file);
  read_naming(top, pack);
  read_types(top, pack);

  Table capabilities = top.table("capabilities", true);
  for (const auto& [flag, meaning] : capability_flags()) pack.capabilities[flag] = capabilities.flag(flag);
  capabilities.finish();
  Table limits = top.table("limits", true);
  const std::int64_t most = limits.number("arguments");
  if (most < 0 || most > 1000) limits.wrong("arguments", "0 (no limit) to 1000 is needed");
  pack.max_arguments = static_cast<int>(most);
  limits.finish();

  Table documentation = top.table("documentation", true);
  pack.documentation_escapes = documentation.escapes("escapes");
  for (const char* key : {"function", "parameter", "result", "constant", "type", "field"})
    pack.documentation[key] = documentation.text(key);
  pack.documentation["capitalize"] = documentation.flag("capitalize") ? "1" : "";
  pack.documentation["end"] = documentation.text("end", "");
  documentation.finish();
  Table literals = top.table("literals", true);
  pack.text_quote = literals.text("quote");
  pack.text_escapes = literals.escapes("escapes");
  literals.finish();

  Table commands = top.table("commands");
  for (const auto& key : commands.keys()) pack.commands[key] = commands.texts(key);
  pack.format = pack.commands["format"];
  pack.commands.erase("format");
  Table notes = top.table("notes");
  pack.run_note = notes.text("run", "");
  notes.finish();
  pack.paths = top.table("paths").all_texts();
  Table conformance = top.table("conformance");  // read by `stdbind conform`
  pack.paths["adapter"] = conformance.text("adapter", "");
  conformance.finish();
  pack.names = top.table("names").all_texts();
  top.finish();
  return pack;
}

fs::path find_pack(const fs::path& root, const std::string& language) {
  const fs::path bindings = root / "bindings";
  const bool plain = !language.empty() && language.find_first_of("/\\") == std::string::npos && language[0] != '.';
  if (plain && fs::exists(bindings / language / "pack.toml")) return bindings / language;
  std::vector<std::string> known;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(bindings, error)) {
    if (fs::exists(entry.path() / "pack.toml")) known.push_back(entry.path().filename().string());
  }
  std::sort(known.begin(), known.end());
  if (known.empty()) {
    usage_failure("no language packs in " + bindings.string() +
                  "; name the folder that holds bindings/ with --root or STDBIND_ROOT, or a pack with --pack");
  }
  usage_failure("unknown language " + language + "; there are: " + listed(known) +
                ", or name a pack's folder with --pack");
}

}  // namespace stdbind::generate
