// Joins the three sources of truth: SWIG's tree (what is declared), the headers' text (where, with which comment) and
// the C compiler (values and layout).
#include "build.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "comments.hpp"
#include "inputs.hpp"
#include "probe.hpp"
#include "types.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;
using Kind = Type::Kind;

std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text + ",") {
    if (c == ',' || c == ' ') {
      if (!word.empty()) words.insert(word);
      word.clear();
    } else {
      word += c;
    }
  }
  return words;
}

class Builder {
 public:
  explicit Builder(const Request& request)
      : request_(request), inputs_(read_inputs(request)), interface_(inputs_.interface), source_(inputs_.source) {}

  Ir build() {
    ir_.source = fs::path(request_.file).filename().string();
    ir_.name = inputs_.name;
    ir_.code = inputs_.code;
    ir_.headers = inputs_.headers;
    for (const auto& unreadable : inputs_.unreadable) {
      Other other;
      other.kind = "declaration";
      other.name = unreadable.text;
      other.place = unreadable.place;
      need(other, "unreadable", unreadable.message);
      ir_.others.push_back(std::move(other));
    }
    learn_names();
    make_items();
    make_macros();
    measure();
    ir_.flat = request_.flat || ir_.flat;
    return std::move(ir_);
  }

 private:
  Probe probe() const { return {inputs_.compiler, ir_.code}; }

  // -- names --------------------------------------------------------------------------------------------------------

  void learn_names() {
    for (const auto& raw : interface_.declarations) {
      const bool own = !raw.features.contains("foreign") && fs::path(raw.header).filename() != "foreign.h";
      if (raw.kind == RawDeclaration::Kind::type_name) {
        names_.aliases.emplace(raw.name, raw.type);
        if (own) names_.own_aliases.insert(raw.name);
      } else if (raw.kind == RawDeclaration::Kind::structure || raw.kind == RawDeclaration::Kind::forward) {
        const std::string c = raw.has_tag ? (raw.is_union ? "union " : "struct ") + raw.name : raw.type_name;
        for (const auto& name : {raw.name, raw.type_name}) {
          if (!name.empty()) names_.structures[name] = c;
        }
        if (!raw.type_name.empty()) canonical_[raw.name] = raw.type_name;
      } else if (raw.kind == RawDeclaration::Kind::enumeration) {
        const std::string c = raw.has_tag ? "enum " + raw.name : raw.type_name;
        for (const auto& name : {raw.name, raw.type_name}) {
          if (!name.empty()) names_.enumerations[name] = c;
        }
        if (!raw.type_name.empty()) canonical_[raw.name] = raw.type_name;
      }
    }
    // "typedef struct tag tag_t;" beside "struct tag {...};": both names mean the structure.
    for (const auto& [alias, coded] : names_.aliases) {
      for (const char* tag : {"struct ", "union "}) {
        if (coded.rfind(tag, 0) == 0) names_.structures.emplace(alias, coded);
      }
    }
  }

  Type type_of(const std::string& coded) {
    Type type = resolve(coded, names_);
    if (const auto found = canonical_.find(type.name); found != canonical_.end()) type.name = found->second;
    return type;
  }

  // -- items --------------------------------------------------------------------------------------------------------

  void fill(Item& item, const RawDeclaration& raw) {
    item.name = raw.name;
    item.ignored = raw.ignored;
    if (const auto found = raw.features.find("disable"); found != raw.features.end())
      item.disabled = words_of(found->second);
    if (const auto found = raw.features.find("name"); found != raw.features.end()) item.rename = found->second;
    if (raw.features.contains("flat")) ir_.flat = true;
    item.place = {request_.file, 0};
    if (const Declaration* declaration = source_.find(raw.name, raw.kind == RawDeclaration::Kind::function)) {
      item.place = declaration->place;
      item.documentation = read_comment(declaration->comment);
    }
  }

  static void need(Item& item, const std::string& flag, const std::string& detail) {
    item.needs.push_back({flag, detail});
  }

  static void need_type(Item& item, const Type& type, const std::string& what) {
    const std::string detail = what + " is `" + type.declare("") + "`";
    switch (type.kind) {
      case Kind::callback:
        need(item, "callbacks", detail);
        break;
      case Kind::structure:
        need(item, "struct_by_value", detail);
        break;
      case Kind::real:
        need(item, "floats", detail);
        break;
      case Kind::list:
        need(item, "varargs", what + " is a list of further arguments");
        break;
      case Kind::unknown:
        need(item, "unknown_types", detail);
        break;
      default:
        break;
    }
  }

  void make_items() {
    std::set<std::string> seen;
    std::set<std::string> defined;
    for (const auto& raw : interface_.declarations) {
      if (raw.kind == RawDeclaration::Kind::structure) defined.insert(raw.name);
    }
    for (const auto& raw : interface_.declarations) {
      if (raw.features.contains("foreign") || fs::path(raw.header).filename() == "foreign.h") continue;
      if (raw.kind == RawDeclaration::Kind::forward && defined.contains(raw.name)) continue;
      const std::string key =
          raw.kind == RawDeclaration::Kind::function ? raw.name : std::to_string(static_cast<int>(raw.kind)) + raw.name;
      if (!seen.insert(key).second) continue;
      switch (raw.kind) {
        case RawDeclaration::Kind::function:
          make_function(raw);
          break;
        case RawDeclaration::Kind::type_name:
          make_type_name(raw);
          break;
        case RawDeclaration::Kind::enumeration:
          make_enumeration(raw);
          break;
        case RawDeclaration::Kind::structure:
        case RawDeclaration::Kind::forward:
          make_structure(raw);
          break;
        case RawDeclaration::Kind::variable: {
          Other other;
          fill(other, raw);
          other.kind = "variable";
          need(other, "variables", "it is a variable");
          ir_.others.push_back(std::move(other));
          break;
        }
        case RawDeclaration::Kind::constant:
          constants_.push_back(raw);
          break;
      }
    }
  }

  void make_function(const RawDeclaration& raw) {
    Function function;
    fill(function, raw);
    const Declaration* declaration = source_.find(raw.name, true);
    function.is_inline = declaration != nullptr && declaration->has_body;
    function.result = type_of(raw.type);
    need_type(function, function.result, "the result");
    for (std::size_t i = 0; i < raw.parameters.size(); ++i) {
      Parameter parameter;
      parameter.name = raw.parameters[i].name.empty() ? "argument_" + std::to_string(i + 1) : raw.parameters[i].name;
      std::string coded = raw.parameters[i].type;
      if (coded.rfind("a(", 0) == 0)
        coded = "p." + coded.substr(coded.find(").") + 2);  // an array argument is a pointer
      parameter.type = type_of(coded);
      need_type(function, parameter.type, "parameter " + parameter.name);
      function.parameters.push_back(std::move(parameter));
    }
    find_buffers(function, raw);
    ir_.functions.push_back(std::move(function));
  }

  static bool points_to_bytes(const Type& type) {
    return type.kind == Kind::text || (type.kind == Kind::pointer && (type.target == "void" || type.target == "byte"));
  }

  // A pointer to bytes is a buffer if the next parameter is an integer whose name says that it is its length. The
  // interface may say otherwise: %feature("stdbind:buffers", "data,size") or "none".
  static void find_buffers(Function& function, const RawDeclaration& raw) {
    auto& parameters = function.parameters;
    if (const auto said = raw.features.find("buffers"); said != raw.features.end()) {
      std::vector<std::size_t> found;
      std::string word;
      for (const char c : said->second + ",") {
        if (c != ',' && c != ' ') {
          word += c;
          continue;
        }
        for (std::size_t i = 0; i < parameters.size(); ++i) {
          if (parameters[i].name == word) found.push_back(i);
        }
        word.clear();
      }
      for (std::size_t i = 0; i + 1 < found.size(); i += 2) function.buffers.push_back({found[i], found[i + 1]});
      return;
    }
    for (std::size_t i = 0; i + 1 < parameters.size(); ++i) {
      if (!points_to_bytes(parameters[i].type) || parameters[i + 1].type.kind != Kind::integer) continue;
      const bool counted_in_items = i + 2 < parameters.size() && parameters[i + 2].type.kind == Kind::integer &&
                                    parameters[i + 2].name.find("item") != std::string::npos;
      std::string length = parameters[i + 1].name;
      std::transform(length.begin(), length.end(), length.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      std::erase(length, '_');
      const auto ends = [&](const std::string& end) { return length.size() >= end.size() && length.ends_with(end); };
      if (!counted_in_items && (ends("len") || ends("length") || ends("size") || ends("bytes") || length == "n")) {
        function.buffers.push_back({i, i + 1});
      }
    }
  }

  void make_type_name(const RawDeclaration& raw) {
    if (names_.structures.contains(raw.name) || names_.enumerations.contains(raw.name)) return;  // the item itself
    TypeName type;
    fill(type, raw);
    type.type = type_of(raw.type);
    if (type.type.kind != Kind::structure) need_type(type, type.type, "it");
    ir_.types.push_back(std::move(type));
  }

  void make_enumeration(const RawDeclaration& raw) {
    Enumeration enumeration;
    fill(enumeration, raw);
    if (!raw.type_name.empty()) enumeration.name = raw.type_name;
    enumeration.c = raw.has_tag ? "enum " + raw.name : raw.type_name;
    const std::string known = raw.has_tag ? raw.name : !raw.type_name.empty() ? raw.type_name : "";
    const Declaration* declaration = known.empty() ? enclosing(raw) : source_.find(known);
    if (declaration != nullptr) {
      enumeration.place = declaration->place;
      enumeration.documentation = read_comment(declaration->comment);
    }
    if (raw.type_name.empty() && !raw.has_tag) enumeration.name.clear();
    for (const auto& member : raw.members) {
      Constant constant;
      fill(constant, member);
      constant.place = enumeration.place;
      if (declaration != nullptr) {
        for (const auto& part : declaration->parts) {
          if (!part.words.contains(member.name)) continue;
          constant.documentation = read_comment(part.comment);
          constant.place.line = part.line;
          break;
        }
      }
      enumeration.members.push_back(std::move(constant));
    }
    ir_.enumerations.push_back(std::move(enumeration));
  }

  const Declaration* enclosing(const RawDeclaration& raw) const {
    if (raw.members.empty()) return nullptr;
    for (const auto& declaration : source_.declarations) {
      for (const auto& part : declaration.parts) {
        if (part.words.contains(raw.members.front().name)) return &declaration;
      }
    }
    return nullptr;
  }

  void make_structure(const RawDeclaration& raw) {
    Structure structure;
    fill(structure, raw);
    structure.c = raw.has_tag ? (raw.is_union ? "union " : "struct ") + raw.name : raw.type_name;
    if (!raw.type_name.empty()) {
      structure.name = raw.type_name;
      if (const Declaration* declaration = source_.find(raw.type_name);
          declaration != nullptr && structure.documentation.summary.empty()) {
        structure.place = declaration->place;
        structure.documentation = read_comment(declaration->comment);
      }
    }
    structure.is_union = raw.is_union;
    structure.opaque = raw.kind == RawDeclaration::Kind::forward;
    const Declaration* declaration = source_.find(raw.has_tag ? raw.name : raw.type_name);
    // SWIG attaches no feature to a field of a structure without a tag, so that the structure has to say it.
    std::set<std::string> hidden;
    if (const auto found = raw.features.find("disable_fields"); found != raw.features.end())
      hidden = words_of(found->second);
    for (const auto& member : raw.members) {
      Field field;
      field.name = member.name;
      field.type = type_of(member.type);
      field.is_bit_field = !member.bits.empty();
      field.ignored = member.ignored;
      if (const auto found = member.features.find("disable"); found != member.features.end()) {
        field.disabled = words_of(found->second);
      }
      if (hidden.contains(field.name)) field.disabled.insert("*");
      if (declaration != nullptr) {
        for (const auto& part : declaration->parts) {
          if (part.words.contains(member.name)) field.documentation = read_comment(part.comment);
        }
      }
      structure.fields.push_back(std::move(field));
    }
    ir_.structures.push_back(std::move(structure));
  }

  // -- macros and %constant -----------------------------------------------------------------------------------------

  bool is_function(const std::string& name) const {
    return std::any_of(ir_.functions.begin(), ir_.functions.end(),
                       [&](const Function& function) { return function.name == name; });
  }

  bool is_member(const std::string& name) const {
    for (const auto& enumeration : ir_.enumerations) {
      for (const auto& member : enumeration.members) {
        if (member.name == name) return true;
      }
    }
    return false;
  }

  // Whether the probe may put the text into parentheses without tearing its own code apart.
  static bool may_be_expression(const std::string& body) {
    int depth = 0;
    for (const auto& token : split_into_tokens(body).list) {
      if (token.kind == Token::Kind::text) continue;
      if (token.kind == Token::Kind::directive || token.kind == Token::Kind::comment) return false;
      if (token.text.find_first_of("{};#") != std::string::npos) return false;
      depth += token.is("(") - token.is(")");
      if (depth < 0) return false;
    }
    return depth == 0;
  }

  void make_macros() {
    std::map<std::string, const RawDeclaration*> said;
    for (const auto& raw : constants_) said[raw.name] = &raw;
    std::vector<std::string> names;
    std::map<std::string, const Macro*> macros;
    for (const auto& macro : source_.macros) {
      if (macro.body.empty()) continue;  // a guard or a switch: it has no value
      macros[macro.name] = &macro;
      if (is_function(macro.name) || is_member(macro.name)) continue;  // another form of what is bound anyway
      if (macro.takes_arguments) {
        Other other;
        other.kind = "macro";
        other.name = macro.name;
        other.place = macro.place;
        other.documentation = read_comment(macro.comment);
        need(other, "macros", "it is a macro with arguments");
        ir_.others.push_back(std::move(other));
      } else if (may_be_expression(macro.body)) {
        names.push_back(macro.name);
      } else {
        ir_.without_value.push_back(macro.name);
      }
    }
    std::vector<std::string> expressions;
    for (const auto& raw : constants_) {
      if (!macros.contains(raw.name)) {
        names.push_back(raw.name);
        expressions.push_back("#define " + raw.name + " (" + raw.value + ")\n");
      }
    }
    std::string preamble = ir_.code;
    for (const auto& line : expressions) preamble += line;
    if (names.empty()) return;
    const auto values = Probe(inputs_.compiler, preamble).macros(names);
    for (const auto& name : names) {
      const MacroValue& value = values.at(name);
      const auto macro = macros.find(name);
      const Place place = macro == macros.end() ? Place{request_.file, 0} : macro->second->place;
      if (value.kind == MacroValue::Kind::nothing) {  // a decoration of declarations, a type, a keyword
        ir_.without_value.push_back(name);
        continue;
      }
      if (value.kind == MacroValue::Kind::expression) {
        Other other;
        other.kind = "macro";
        other.name = name;
        other.place = place;
        need(other, "macros", "it is a macro whose value is not constant");
        ir_.others.push_back(std::move(other));
        continue;
      }
      Constant constant;
      if (const auto found = said.find(name); found != said.end()) fill(constant, *found->second);
      constant.name = name;
      constant.place = place;
      if (macro != macros.end()) constant.documentation = read_comment(macro->second->comment);
      constant.integer = value.integer;
      constant.is_unsigned = value.is_unsigned;
      constant.text = value.text;
      constant.real = value.real;
      constant.kind = value.kind == MacroValue::Kind::integer ? Constant::Kind::integer
                      : value.kind == MacroValue::Kind::text  ? Constant::Kind::text
                                                              : Constant::Kind::real;
      ir_.constants.push_back(std::move(constant));
    }
  }

  // -- what the compiler knows --------------------------------------------------------------------------------------

  struct Question {
    std::string expression;
    std::int64_t* number;
    bool* flag;
  };

  void ask(const std::string& expression, std::int64_t& answer) {
    questions_.push_back({expression, &answer, nullptr});
  }
  void ask_flag(const std::string& expression, bool& answer) { questions_.push_back({expression, nullptr, &answer}); }

  void ask_type(Type& type) {
    const std::string c = type.declare("");
    switch (type.kind) {
      case Kind::integer:
      case Kind::boolean:
      case Kind::enumeration:
        ask("sizeof(" + c + ")", type.size);
        ask_flag("((" + c + ")-1) > 0", type.is_unsigned);
        break;
      case Kind::real:
      case Kind::text:
        ask("sizeof(" + c + ")", type.size);
        break;
      case Kind::pointer:
        ask("sizeof(" + c + ")", type.size);
        if (type.target == "integer" || type.target == "real") {
          ask("sizeof(*(" + c + ")0)", type.target_size);
          ask_flag("((__typeof__(*(" + c + ")0))-1) > 0", type.is_unsigned);
        }
        break;
      default:
        break;
    }
  }

  void measure() {
    for (auto& function : ir_.functions) {
      ask_type(function.result);
      for (auto& parameter : function.parameters) ask_type(parameter.type);
    }
    for (auto& type : ir_.types) ask_type(type.type);
    for (auto& enumeration : ir_.enumerations) {
      for (auto& member : enumeration.members) ask(member.name, member.integer);
    }
    for (auto& structure : ir_.structures) {
      if (structure.opaque) continue;
      ask("sizeof(" + structure.c + ")", structure.size);
      ask("_Alignof(" + structure.c + ")", structure.alignment);
      for (auto& field : structure.fields) {
        if (field.is_bit_field) continue;
        ask("__builtin_offsetof(" + structure.c + ", " + field.name + ")", field.offset);
        ask("sizeof(((" + structure.c + " *)0)->" + field.name + ")", field.size);
      }
    }
    std::set<std::string> expressions;
    for (const auto& question : questions_) expressions.insert(question.expression);
    const auto answers = probe().integers({expressions.begin(), expressions.end()});
    for (const auto& question : questions_) {
      const auto found = answers.find(question.expression);
      if (found == answers.end()) continue;  // seen below as a size of 0
      if (question.number != nullptr) *question.number = found->second;
      if (question.flag != nullptr) *question.flag = found->second != 0;
    }
    for (auto& function : ir_.functions) {
      check_size(function, function.result, "the result");
      for (const auto& parameter : function.parameters)
        check_size(function, parameter.type, "parameter " + parameter.name);
    }
    for (auto& structure : ir_.structures) {
      if (!structure.opaque && structure.alignment == 0) structure.opaque = true;
    }
  }

  static void check_size(Item& item, const Type& type, const std::string& what) {
    const bool number = type.kind == Kind::integer || type.kind == Kind::enumeration || type.kind == Kind::boolean;
    if (number && (type.size < 1 || type.size > 8)) {
      need(item, "unknown_types",
           what + " is `" + type.declare("") + "`, whose size the compiler does not tell or is not at most 8 bytes");
    }
  }

  const Request& request_;
  const Inputs inputs_;
  const Interface& interface_;
  const Source& source_;
  Ir ir_;
  Names names_;
  std::map<std::string, std::string> canonical_;
  std::vector<RawDeclaration> constants_;
  std::vector<Question> questions_;
};

}  // namespace

Ir build_ir(const Request& request) { return Builder(request).build(); }

}  // namespace stdbind::generate
