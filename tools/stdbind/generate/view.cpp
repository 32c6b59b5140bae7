// Every text that a template needs is made here; templates only place it. An item that the language cannot express is
// refused with the reason, never left out in silence.
#include "view.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "failure.hpp"
#include "names.hpp"
#include "sentences.hpp"
#include "shim.hpp"

namespace stdbind::generate {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Type::Kind;

void mark_ends(Json& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i]["first"] = i == 0;
    list[i]["last"] = i + 1 == list.size();
  }
}

class Viewer {
 public:
  Viewer(const Ir& ir, const Pack& pack, const ViewOptions& options)
      : ir_(ir), pack_(pack), options_(options), sentences_(pack) {
    if (options_.prefixes.empty()) options_.prefixes = {ir.name + "_"};
  }

  View make() {
    check_options();
    view_.model = head();
    find_typed_enumerations();
    add_functions();
    add_constants();
    add_enumerations();
    add_types();
    add_structures();
    for (const auto& other : ir_.others) refuse_or_disable(other, other.kind);
    return std::move(view_);
  }

 private:
  // -- what all items share -----------------------------------------------------------------------------------------

  void check_options() const {
    std::set<std::string> names;
    const auto add = [&](const auto& items) {
      for (const auto& item : items) names.insert(item.name);
    };
    add(ir_.functions), add(ir_.types), add(ir_.constants), add(ir_.enumerations), add(ir_.structures), add(ir_.others);
    for (const auto& enumeration : ir_.enumerations) add(enumeration.members);
    for (const auto& structure : ir_.structures) {
      for (const auto& field : structure.fields) names.insert(structure.name + "." + field.name);
    }
    for (const auto& name : options_.disabled) {
      if (!names.contains(name)) usage_failure("--disable " + name + ": there is no such item in " + ir_.source);
    }
    for (const auto& [name, to] : options_.renames) {
      if (!names.contains(name))
        usage_failure("--rename " + name + "=" + to + ": there is no such item in " + ir_.source);
    }
  }

  // True if the item is not to be bound; it is then counted as disabled or refused.
  bool refuse_or_disable(const Item& item, const std::string& kind) {
    const std::string label = kind + " " + item.name;
    if (item.ignored || options_.disabled.contains(item.name) || item.disabled.contains("*") ||
        item.disabled.contains(pack_.language)) {
      const char* how = item.ignored                            ? "%ignore in the interface"
                        : options_.disabled.contains(item.name) ? "--disable"
                                                                : "%feature(\"stdbind:disable\") in the interface";
      view_.disabled.push_back({label, item.place, how, ""});
      return true;
    }
    for (const auto& need : item.needs) {
      const auto flag = pack_.capabilities.find(need.flag);
      if (flag != pack_.capabilities.end() && flag->second) continue;
      view_.refused.push_back({label, item.place, need.detail, need.flag});
      return true;
    }
    return false;
  }

  std::string name_of(const Item& item, const std::string& kind, const std::string& reserved) {
    std::string name;
    if (const auto found = options_.renames.find(item.name); found != options_.renames.end()) {
      name = found->second;
    } else if (!item.rename.empty()) {
      name = item.rename;
    } else {
      name = in_style(stripped(item.name, kind), pack_.styles.at(kind));
    }
    return safe(name, reserved);
  }

  std::string stripped(const std::string& name, const std::string& kind) const {
    return pack_.stripped.contains(kind) ? without_prefix(name, options_.prefixes) : name;
  }

  std::string safe(const std::string& name, const std::string& reserved) const {
    const auto taken = pack_.reserved.find(reserved);
    const bool is_taken = taken != pack_.reserved.end() && taken->second.contains(name);
    return pack_.keywords.contains(name) || is_taken ? name + pack_.keyword_suffix : name;
  }

  // Two items must not have one name in the target language.
  bool takes(const Item& item, const std::string& kind, const std::string& scope, const std::string& name) {
    const auto [entry, fresh] = taken_.emplace(scope + ":" + name, item.name);
    if (fresh) return true;
    view_.refused.push_back({kind + " " + item.name, item.place,
                             "its name would be " + name + ", which " + entry->second +
                                 " has; rename one with --rename " + item.name + "=NAME or %feature(\"stdbind:name\")",
                             "names"});
    return false;
  }

  // -- the head -----------------------------------------------------------------------------------------------------

  Json head() const {
    const std::string plain = in_style(ir_.name, "snake");
    Json model = {{"view", view_version}, {"language", pack_.language}, {"name", plain}};
    model["module"] = plain;  // the same, where an inner "name" hides it
    model["Name"] = in_style(ir_.name, "pascal");
    model["NAME"] = in_style(ir_.name, "upper");
    model["source"] = ir_.source;
    model["include"] = ir_.headers.empty() ? ir_.source : ir_.headers.front().substr(1, ir_.headers.front().size() - 2);
    model["flat"] = ir_.flat;
    model["symbol_prefix"] = symbol_prefix(ir_);
    model["library"] = library_file(ir_);
    model["library_variable"] = in_style(ir_.name, "upper") + "_LIBRARY";
    model["linked_define"] = in_style(ir_.name, "upper") + "_LINKED";
    model["table"] = {{"symbol", table_symbol(ir_)}, {"version", std::to_string(table_version(ir_))}};
    for (const auto& [name, text] : pack_.names) model["names"][name] = text;
    for (const char* list : {"functions", "constants", "enumerations", "types", "structures"})
      model[list] = Json::array();
    return model;
  }

  // -- types --------------------------------------------------------------------------------------------------------

  static std::string number_target(const Type& type) {
    if (type.target == "real") return "float" + std::to_string(type.target_size * 8);
    return (type.is_unsigned ? "uint" : "int") + std::to_string(type.target_size * 8);
  }

  std::string target_key(const Type& type) const {
    if (type.target == "integer" || type.target == "real") return number_target(type);
    if (type.target == "structure") {
      const Structure* structure = ir_.structure(type.name);
      return structure == nullptr || structure->opaque ? "opaque" : "structure";
    }
    return type.target.empty() ? "void" : type.target;
  }

  static std::string key_of(const Type& type) {
    if (type.kind == Kind::pointer) return type.constant ? "constant_pointer" : "pointer";
    return kind_name(type.kind);
  }

  std::string fill_in(const std::string& pattern, const Type& type) const {
    const std::string key = target_key(type);
    const auto found = pack_.targets.find(key);
    const std::string target = found != pack_.targets.end()      ? found->second
                               : pack_.targets.contains("other") ? pack_.targets.at("other")
                                                                 : "";
    return replaced(pattern, "{target}", target);
  }

  std::string abi_type(const Type& type) const {
    const auto found = pack_.types.find(key_of(type));
    return found == pack_.types.end() ? "" : fill_in(found->second, type);
  }

  std::string user_type(const Type& type, const std::map<std::string, std::string>& table) const {
    if (type.kind == Kind::enumeration && typed_.contains(type.name)) {
      const Enumeration* enumeration = ir_.enumeration(type.name);
      return const_cast<Viewer*>(this)->name_of(*enumeration, "types", "module");
    }
    const auto found = table.find(key_of(type));
    return found == table.end() ? abi_type(type) : fill_in(found->second, type);
  }

  void describe_type(Json& entry, const Type& type, const std::map<std::string, std::string>& table) const {
    entry["c_type"] = type.declare("");
    entry["type"] = user_type(type, table);
    entry["abi_type"] = abi_type(type);
    entry["is_nothing"] = type.kind == Kind::nothing;
    entry["is_integer"] = type.kind == Kind::integer;
    entry["is_boolean"] = type.kind == Kind::boolean;
    entry["is_real"] = type.kind == Kind::real;
    entry["is_text"] = type.kind == Kind::text;
    entry["is_pointer"] = type.kind == Kind::pointer;
    entry["is_address"] = type.kind == Kind::pointer || type.kind == Kind::text;
    entry["is_constant"] = type.constant;
    entry["is_enumeration"] = type.kind == Kind::enumeration;
    entry["is_typed"] = type.kind == Kind::enumeration && typed_.contains(type.name);
  }

  // -- functions ----------------------------------------------------------------------------------------------------

  bool expressible(const Item& item) const {
    return std::all_of(item.needs.begin(), item.needs.end(), [&](const Need& need) {
      const auto flag = pack_.capabilities.find(need.flag);
      return flag != pack_.capabilities.end() && flag->second;
    });
  }

  // Enumerations that a bound function names become types of their own; all others are plain constants.
  void find_typed_enumerations() {
    if (!pack_.typed_enumerations) return;
    for (const auto& function : ir_.functions) {
      if (function.ignored || !expressible(function)) continue;
      const auto note = [&](const Type& type) {
        if (type.kind == Kind::enumeration && ir_.enumeration(type.name) != nullptr) typed_.insert(type.name);
      };
      note(function.result);
      for (const auto& parameter : function.parameters) note(parameter.type);
    }
  }

  void add_functions() {
    Json& list = view_.model["functions"];
    std::size_t slot = 0;
    for (const auto& function : ir_.functions) {
      const bool has_slot = in_table(ir_, function);
      const std::size_t mine = slot;
      slot += has_slot;
      if (refuse_or_disable(function, "function")) continue;
      if (!has_slot) {
        view_.refused.push_back(
            {"function " + function.name, function.place, function.needs.front().detail, function.needs.front().flag});
        continue;
      }
      if (pack_.max_arguments > 0 && function.parameters.size() > static_cast<std::size_t>(pack_.max_arguments)) {
        view_.refused.push_back({"function " + function.name, function.place,
                                 "it has " + std::to_string(function.parameters.size()) + " arguments, and at most " +
                                     std::to_string(pack_.max_arguments) + " can be passed",
                                 "limits.arguments"});
        continue;
      }
      const std::string name = name_of(function, "functions", "functions");
      if (!takes(function, "function", "functions", name)) continue;
      ++view_.bound;
      Json entry = function_view(function, name);
      entry["slot"] = mine;
      entry["slot_offset"] = 16 + 8 * mine;
      list.push_back(std::move(entry));
    }
    mark_ends(list);
    const auto any = [&](auto test) { return std::any_of(list.begin(), list.end(), test); };
    view_.model["takes_texts"] = any([](const Json& entry) { return entry["has_texts"].get<bool>(); });
    view_.model["takes_several_texts"] = any([](const Json& entry) { return entry["has_several_texts"].get<bool>(); });
    view_.model["returns_texts"] = any([](const Json& entry) { return entry["result"]["is_text"].get<bool>(); });
    view_.model["table"]["count"] = slot;
  }

  Json function_view(const Function& function, const std::string& name) {
    Json entry = {{"name", name}, {"c_name", function.name}, {"symbol", symbol_prefix(ir_) + function.name}};
    entry["result"] = Json::object();
    describe_type(entry["result"], function.result, pack_.results);
    if (!ir_.flat && function.result.kind == Kind::nothing) {  // the shim returns 1
      entry["result"]["abi_type"] = pack_.types.at("integer");
      entry["result"]["type"] = pack_.types.at("integer");
    }
    entry["parameters"] = Json::array();
    std::set<std::string> used;
    std::size_t texts = 0;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const Parameter& parameter = function.parameters[i];
      std::string mine = safe(in_style(parameter.name, pack_.styles.at("parameters")), "parameters");
      if (mine == name) mine += pack_.keyword_suffix;
      while (!used.insert(mine).second) mine += pack_.keyword_suffix;
      Json item = {{"name", mine}, {"c_name", parameter.name}, {"index", i}};
      Type type = parameter.type;
      const bool measured = std::any_of(function.buffers.begin(), function.buffers.end(),
                                        [&](const Buffer& buffer) { return buffer.pointer == i; });
      if (measured) type.kind = Kind::pointer;  // a text whose length is told need not end with a NUL
      describe_type(item, type, pack_.parameters);
      item["is_buffer"] = false;
      item["is_length"] = false;
      texts += type.kind == Kind::text;
      entry["parameters"].push_back(std::move(item));
    }
    for (const auto& buffer : function.buffers) {
      Json& pointer = entry["parameters"][buffer.pointer];
      Json& length = entry["parameters"][buffer.length];
      pointer["is_buffer"] = true;
      pointer["length_name"] = length["name"];
      length["is_length"] = true;
      length["buffer_name"] = pointer["name"];
    }
    for (auto& parameter : entry["parameters"]) {
      parameter["is_plain"] = !parameter["is_buffer"].get<bool>() && !parameter["is_length"].get<bool>() &&
                              !parameter["is_text"].get<bool>();
    }
    mark_ends(entry["parameters"]);
    entry["easy_parameters"] = Json::array();  // as users like to pass them: without lengths
    for (const auto& parameter : entry["parameters"]) {
      if (!parameter["is_length"].get<bool>()) entry["easy_parameters"].push_back(parameter);
    }
    mark_ends(entry["easy_parameters"]);
    entry["has_several"] = function.parameters.size() > 1;
    entry["has_parameters"] = !function.parameters.empty();
    entry["has_easy_parameters"] = !entry["easy_parameters"].empty();
    entry["argument_count"] = function.parameters.size();
    entry["has_buffers"] = !function.buffers.empty();
    entry["has_texts"] = texts > 0;
    entry["has_several_texts"] = texts > 1;
    entry["is_easy"] = texts > 0 || !function.buffers.empty();
    entry["documentation"] = sentences_.of_function(function, entry);
    return entry;
  }

  // -- constants, enumerations, types, structures -------------------------------------------------------------------

  Json value_of(const Constant& constant) const {
    if (constant.kind == Constant::Kind::text) return sentences_.literal(constant.text);
    if (constant.kind == Constant::Kind::integer) return std::to_string(constant.integer);
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.17g", constant.real);
    std::string text = digits;
    if (text.find_first_of(".einf") == std::string::npos) text += ".0";
    return text;
  }

  Json constant_view(const Constant& constant, const std::string& name) const {
    Json entry = {{"name", name}, {"c_name", constant.name}, {"value", value_of(constant)}};
    entry["is_integer"] = constant.kind == Constant::Kind::integer;
    entry["is_text"] = constant.kind == Constant::Kind::text;
    entry["is_real"] = constant.kind == Constant::Kind::real;
    entry["documentation"] = sentences_.of_item(constant, "constant");
    return entry;
  }

  void add_constants() {
    for (const auto& constant : ir_.constants) {
      if (refuse_or_disable(constant, "constant")) continue;
      const std::string name = name_of(constant, "constants", "module");
      if (!takes(constant, "constant", "module", name)) continue;
      ++view_.bound;
      view_.model["constants"].push_back(constant_view(constant, name));
    }
    mark_ends(view_.model["constants"]);
    std::string version = view_.model["table"]["version"];
    for (const auto& constant : view_.model["constants"]) {
      if (ir_.flat && constant["c_name"].get<std::string>() == version_constant(ir_)) version = constant["name"];
    }
    view_.model["table"]["version_name"] = version;
  }

  void add_enumerations() {
    for (const auto& enumeration : ir_.enumerations) {
      if (refuse_or_disable(enumeration, "enum")) continue;
      const bool typed = typed_.contains(enumeration.name);
      Json entry = {{"c_name", enumeration.name}, {"c", enumeration.c}, {"typed", typed}};
      entry["name"] = enumeration.name.empty() ? "" : name_of(enumeration, "types", "module");
      if (typed && !takes(enumeration, "enum", "module", entry["name"])) continue;
      entry["has_name"] = !enumeration.name.empty();
      entry["documentation"] = sentences_.of_item(enumeration, "type");
      entry["has_documentation"] = !enumeration.documentation.summary.empty();
      entry["members"] = Json::array();
      const std::size_t common = typed ? common_prefix(enumeration) : 0;
      for (const auto& member : enumeration.members) {
        if (refuse_or_disable(member, "constant")) continue;
        std::string name = name_of(member, "constants", "module");
        if (typed && !options_.renames.contains(member.name) && member.rename.empty()) {
          name = safe(in_style(member.name.substr(common), pack_.styles.at("members")), "members");
        }
        if (!takes(member, "constant", typed ? "enum " + enumeration.name : "module", name)) continue;
        ++view_.bound;
        entry["members"].push_back(constant_view(member, name));
      }
      mark_ends(entry["members"]);
      view_.bound += typed;
      view_.model["enumerations"].push_back(std::move(entry));
    }
    mark_ends(view_.model["enumerations"]);
  }

  // The length of what all members start with, up to an underscore, if a name is left of each.
  static std::size_t common_prefix(const Enumeration& enumeration) {
    if (enumeration.members.size() < 2) return 0;
    const std::string& first = enumeration.members.front().name;
    std::size_t length = first.size();
    for (const auto& member : enumeration.members) {
      std::size_t same = 0;
      while (same < length && same < member.name.size() && member.name[same] == first[same]) ++same;
      length = same;
    }
    while (length > 0 && first[length - 1] != '_') --length;
    for (const auto& member : enumeration.members) {
      if (member.name.size() <= length || std::isdigit(static_cast<unsigned char>(member.name[length]))) return 0;
    }
    return length;
  }

  void add_types() {
    for (const auto& type : ir_.types) {
      if (refuse_or_disable(type, "type")) continue;
      const std::string name = name_of(type, "types", "module");
      if (!takes(type, "type", "module", name)) continue;
      Json entry = {{"name", name}, {"c_name", type.name}};
      describe_type(entry, type.type, pack_.parameters);
      if (entry["abi_type"].get<std::string>().empty()) {
        // A typedef of void, an array or a structure: nothing crosses the boundary under its name.
        view_.refused.push_back({"type " + type.name, type.place,
                                 "it names `" + type.type.declare("") + "`, which is only used by pointer", "types"});
        continue;
      }
      ++view_.bound;
      entry["documentation"] = sentences_.of_item(type, "type");
      view_.model["types"].push_back(std::move(entry));
    }
    mark_ends(view_.model["types"]);
  }

  void add_structures() {
    for (const auto& structure : ir_.structures) {
      const std::string kind = structure.is_union ? "union" : "struct";
      if (refuse_or_disable(structure, kind)) continue;
      const std::string constant = in_style(stripped(structure.name, "constants"), pack_.styles.at("constants"));
      Json entry = {{"name", name_of(structure, "types", "module")}, {"c_name", structure.name}, {"c", structure.c}};
      entry["size_name"] = replaced(pack_.size_constant, "{structure}", constant);
      entry["opaque"] = structure.opaque;
      entry["size"] = structure.size;
      entry["alignment"] = structure.alignment;
      entry["documentation"] = sentences_.of_item(structure, "type");
      entry["fields"] = Json::array();
      if (!structure.opaque && !takes(structure, kind, "module", entry["size_name"])) continue;
      ++view_.bound;
      for (const auto& field : structure.fields) add_field(structure, field, constant, entry["fields"]);
      mark_ends(entry["fields"]);
      view_.model["structures"].push_back(std::move(entry));
    }
    mark_ends(view_.model["structures"]);
  }

  void add_field(const Structure& structure, const Field& field, const std::string& constant, Json& fields) {
    Item item;
    item.name = structure.name + "." + field.name;
    item.place = structure.place;
    item.ignored = field.ignored;
    item.disabled = field.disabled;
    if (refuse_or_disable(item, "field")) return;
    if (field.is_bit_field) {
      view_.refused.push_back(
          {"field " + item.name, item.place, "it is a bit field, which has no address", "bit_fields"});
      return;
    }
    const std::string upper_name = in_style(field.name, pack_.styles.at("constants"));
    const std::string name = replaced(replaced(pack_.offset_constant, "{structure}", constant), "{field}", upper_name);
    if (!takes(item, "field", "module", name)) return;
    Json entry = {{"name", in_style(field.name, pack_.styles.at("parameters"))}, {"c_name", field.name}};
    entry["offset_name"] = name;
    entry["offset"] = field.offset;
    entry["size"] = field.size;
    entry["c_type"] = field.type.declare("");
    entry["documentation"] = sentences_.of_field(structure, field);
    fields.push_back(std::move(entry));
  }

  const Ir& ir_;
  const Pack& pack_;
  ViewOptions options_;
  Sentences sentences_;
  View view_;
  std::set<std::string> typed_;
  std::map<std::string, std::string> taken_;
};

}  // namespace

View make_view(const Ir& ir, const Pack& pack, const ViewOptions& options) { return Viewer(ir, pack, options).make(); }

}  // namespace stdbind::generate
