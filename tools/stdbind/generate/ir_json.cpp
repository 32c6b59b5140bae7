// The JSON form of the IR: for people, golden tests and other tools. Fields without a value are left out.
#include "ir.hpp"

namespace stdbind::generate {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Place& place) {
  const std::size_t slash = place.file.rfind('/');
  Json json = {{"file", slash == std::string::npos ? place.file : place.file.substr(slash + 1)}};
  if (place.line > 0) json["line"] = place.line;
  return json;
}

Json json_of(const Type& type) {
  Json json = {{"kind", kind_name(type.kind)}, {"c", type.declare("")}};
  if (!type.name.empty()) json["name"] = type.name;
  if (!type.target.empty()) json["target"] = type.target;
  if (type.target_size > 0) json["target_size"] = type.target_size;
  if (type.kind == Type::Kind::pointer || type.kind == Type::Kind::text) json["constant"] = type.constant;
  if (type.size > 0) json["size"] = type.size;
  if (type.is_unsigned) json["unsigned"] = true;
  return json;
}

Json start(const Item& item) {
  Json json = {{"name", item.name}, {"place", json_of(item.place)}};
  if (const Json documentation = generate::json_of(item.documentation); !documentation.empty())
    json["documentation"] = documentation;
  for (const auto& need : item.needs) json["needs"].push_back({{"flag", need.flag}, {"detail", need.detail}});
  if (item.ignored) json["ignored"] = true;
  if (!item.disabled.empty()) json["disabled"] = item.disabled;
  if (!item.rename.empty()) json["rename"] = item.rename;
  return json;
}

Json json_of(const Constant& constant) {
  Json json = start(constant);
  if (constant.kind == Constant::Kind::text) json["text"] = constant.text;
  if (constant.kind == Constant::Kind::real) json["real"] = constant.real;
  if (constant.kind == Constant::Kind::integer) {
    json["value"] = constant.integer;
    if (constant.is_unsigned) json["unsigned"] = true;
  }
  return json;
}

Json json_of(const Function& function) {
  Json json = start(function);
  if (function.is_inline) json["inline"] = true;
  json["result"] = json_of(function.result);
  json["parameters"] = Json::array();
  for (const auto& parameter : function.parameters) {
    json["parameters"].push_back({{"name", parameter.name}, {"type", json_of(parameter.type)}});
  }
  for (const auto& buffer : function.buffers) {
    json["buffers"].push_back(
        {{"pointer", function.parameters[buffer.pointer].name}, {"length", function.parameters[buffer.length].name}});
  }
  return json;
}

Json json_of(const Structure& structure) {
  Json json = start(structure);
  json["c"] = structure.c;
  if (structure.is_union) json["union"] = true;
  json["opaque"] = structure.opaque;
  if (structure.opaque) return json;
  json["size"] = structure.size;
  json["alignment"] = structure.alignment;
  json["fields"] = Json::array();
  for (const auto& field : structure.fields) {
    Json entry = {{"name", field.name}, {"type", json_of(field.type)}};
    if (field.is_bit_field) {
      entry["bit_field"] = true;
    } else {
      entry["offset"] = field.offset;
      entry["size"] = field.size;
    }
    if (const Json documentation = generate::json_of(field.documentation); !documentation.empty())
      entry["documentation"] = documentation;
    json["fields"].push_back(entry);
  }
  return json;
}

}  // namespace

const char* kind_name(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::nothing:
      return "nothing";
    case Type::Kind::integer:
      return "integer";
    case Type::Kind::boolean:
      return "boolean";
    case Type::Kind::real:
      return "real";
    case Type::Kind::text:
      return "text";
    case Type::Kind::pointer:
      return "pointer";
    case Type::Kind::enumeration:
      return "enumeration";
    case Type::Kind::structure:
      return "structure";
    case Type::Kind::callback:
      return "callback";
    case Type::Kind::list:
      return "list";
    case Type::Kind::array:
      return "array";
    case Type::Kind::unknown:
      return "unknown";
  }
  return "unknown";
}

const Enumeration* Ir::enumeration(const std::string& wanted) const {
  for (const auto& candidate : enumerations) {
    if (candidate.name == wanted) return &candidate;
  }
  return nullptr;
}

const Structure* Ir::structure(const std::string& wanted) const {
  for (const auto& candidate : structures) {
    if (candidate.name == wanted || candidate.c == "struct " + wanted) return &candidate;
  }
  return nullptr;
}

Json json_of(const Documentation& documentation) {
  Json json = Json::object();
  if (!documentation.summary.empty()) json["summary"] = documentation.summary;
  if (!documentation.body.empty()) json["body"] = documentation.body;
  for (const auto& [name, text] : documentation.parameters) json["parameters"][name] = text;
  if (!documentation.returns.empty()) json["returns"] = documentation.returns;
  if (!documentation.raises.empty()) json["raises"] = documentation.raises;
  if (!documentation.see.empty()) json["see"] = documentation.see;
  return json;
}

Json ir_json(const Ir& ir) {
  Json json = {
      {"ir", ir_version}, {"name", ir.name}, {"source", ir.source}, {"headers", ir.headers}, {"flat", ir.flat}};
  for (const char* list : {"functions", "types", "constants", "enumerations", "structures", "others"})
    json[list] = Json::array();
  for (const auto& function : ir.functions) json["functions"].push_back(json_of(function));
  for (const auto& type : ir.types) {
    Json entry = start(type);
    entry["type"] = json_of(type.type);
    json["types"].push_back(entry);
  }
  for (const auto& constant : ir.constants) json["constants"].push_back(json_of(constant));
  for (const auto& enumeration : ir.enumerations) {
    Json entry = start(enumeration);
    entry["c"] = enumeration.c;
    entry["members"] = Json::array();
    for (const auto& member : enumeration.members) entry["members"].push_back(json_of(member));
    json["enumerations"].push_back(entry);
  }
  for (const auto& structure : ir.structures) json["structures"].push_back(json_of(structure));
  for (const auto& other : ir.others) {
    Json entry = start(other);
    entry["kind"] = other.kind;
    json["others"].push_back(entry);
  }
  json["without_value"] = ir.without_value;
  return json;
}

}  // namespace stdbind::generate
