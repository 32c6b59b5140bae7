// What crosses is int64_t, double and pointers. The order of the functions is that of the header, and so is the table.
#include "shim.hpp"

#include <algorithm>

#include "names.hpp"

namespace stdbind::generate {
namespace {

using Kind = Type::Kind;

constexpr std::size_t width = 120;

bool crosses(const Type& type) {
  switch (type.kind) {
    case Kind::nothing:
    case Kind::integer:
    case Kind::boolean:
    case Kind::enumeration:
    case Kind::real:
    case Kind::text:
    case Kind::pointer:
      return true;
    default:
      return false;
  }
}

// The type of a value on our side of the boundary.
std::string flat_type(const Type& type) {
  if (type.kind == Kind::real) return "double";
  if (type.kind == Kind::text) return "const char *";
  if (type.kind == Kind::pointer) return type.constant ? "const void *" : "void *";
  return "int64_t";
}

std::string declared(const std::string& type, const std::string& name) {
  return type + (type.back() == '*' ? "" : " ") + name;
}

// "start(a, b, c)end", broken behind commas at 120 columns, continued under the first item.
std::string listed(const std::string& start, const std::vector<std::string>& items, const std::string& end) {
  const std::size_t last_line = start.rfind('\n');
  const std::size_t indent = start.size() - (last_line == std::string::npos ? 0 : last_line + 1);
  std::string text = start;
  std::size_t column = indent;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string tail = i + 1 < items.size() ? "," : end;
    const std::size_t needed = items[i].size() + tail.substr(0, tail.find('\n')).size();
    if (i > 0 && column + 1 + needed > width) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (i > 0) {
      text += ' ';
      ++column;
    }
    text += items[i] + tail;
    column += needed;
  }
  return items.empty() ? text + end : text;
}

std::vector<const Function*> table_functions(const Ir& ir) {
  std::vector<const Function*> functions;
  for (const auto& function : ir.functions) {
    if (in_table(ir, function)) functions.push_back(&function);
  }
  return functions;
}

std::string shim_parameter(const Function& function, std::size_t i) {
  const std::string& name = function.parameters[i].name;
  return name == function.name ? name + "_" : name;
}

std::vector<std::string> shim_parameters(const Function& function) {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    list.push_back(declared(flat_type(function.parameters[i].type), shim_parameter(function, i)));
  }
  if (list.empty()) list.emplace_back("void");
  return list;
}

std::string wrapper(const Ir& ir, const Function& function) {
  const std::string head = "EXPORT " + declared(flat_type(function.result), symbol_prefix(ir) + function.name) + "(";
  std::string text = listed(head, shim_parameters(function), ") {\n");
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    arguments.push_back("(" + function.parameters[i].type.declare("") + ")" + shim_parameter(function, i));
  }
  const bool nothing = function.result.kind == Kind::nothing;
  const std::string result = nothing ? "  " : "  return (" + flat_type(function.result) + ")";
  // In parentheses the name is the function even where a macro of that name takes arguments.
  text += listed(result + "(" + function.name + ")(", arguments, ");\n");
  if (nothing) text += "  return 1;\n";
  return text + "}\n\n";
}

const Constant* abi_version(const Ir& ir) {
  for (const auto& constant : ir.constants) {
    if (constant.kind == Constant::Kind::integer && upper(constant.name).ends_with("ABI_VERSION")) return &constant;
  }
  return nullptr;
}

}  // namespace

bool crosses_the_boundary(const Function& function) {
  return crosses(function.result) &&
         std::all_of(function.parameters.begin(), function.parameters.end(),
                     [](const Parameter& parameter) { return crosses(parameter.type); }) &&
         std::none_of(function.needs.begin(), function.needs.end(),
                      [](const Need& need) { return need.flag == "unknown_types" || need.flag == "missing_symbols"; });
}

bool in_table(const Ir& ir, const Function& function) {
  return crosses_the_boundary(function) && (ir.flat || !function.ignored);
}

std::string symbol_prefix(const Ir& ir) { return ir.flat ? "" : "stdbind_" + in_style(ir.name, "snake") + "_"; }

std::string table_symbol(const Ir& ir) {
  for (const auto& function : ir.functions) {
    if (ir.flat && function.name.ends_with("_api_table")) return function.name;
  }
  return (ir.flat ? in_style(ir.name, "snake") + "_" : symbol_prefix(ir)) + "api_table";
}

std::string library_file(const Ir& ir) {
  return "lib" + in_style(ir.name, "snake") + (ir.flat ? ".so" : "_stdbind.so");
}

std::int64_t table_version(const Ir& ir) {
  if (const Constant* constant = abi_version(ir); ir.flat && constant != nullptr) return constant->integer;
  std::uint32_t hash = 2166136261U;  // FNV-1a
  const auto add = [&](const std::string& text) {
    for (const char c : text + ";") hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  };
  for (const Function* function : table_functions(ir)) {
    add(declared(function->result.declare(""), function->name));
    for (const auto& parameter : function->parameters) add(parameter.type.declare(""));
  }
  return static_cast<std::int64_t>(hash >> 1);
}

std::string version_constant(const Ir& ir) {
  const Constant* constant = ir.flat ? abi_version(ir) : nullptr;
  return constant == nullptr ? "" : constant->name;
}

std::string write_shim(const Ir& ir) {
  const std::string table = table_symbol(ir);
  std::string text = "// Generated by `stdbind generate` from " + ir.source + "; do not edit.\n";
  text += "// Each function of the library under a name of its own, with int64_t for every integer.\n";
  text += "#include <stddef.h>\n#include <stdint.h>\n" + ir.code + "\n";
  text += "#define EXPORT __attribute__((visibility(\"default\")))\n\n";
  for (const auto& structure : ir.structures) {
    if (structure.opaque || structure.ignored) continue;
    text += "_Static_assert(sizeof(" + structure.c + ") == " + std::to_string(structure.size) +
            ", \"generate the binding of " + ir.source + " again\");\n";
  }
  text += "\n";
  const auto functions = table_functions(ir);
  for (const Function* function : functions) text += wrapper(ir, *function);
  text += "struct api_table {\n  int64_t version;\n  int64_t count;\n";
  for (const Function* function : functions) {
    text += listed("  " + declared(flat_type(function->result), "(*" + function->name + "_)("),
                   shim_parameters(*function), ");\n");
  }
  text += "};\n\nstatic const struct api_table table = {\n    " + std::to_string(table_version(ir)) + ",\n    " +
          std::to_string(functions.size()) + ",\n";
  for (const Function* function : functions) text += "    " + symbol_prefix(ir) + function->name + ",\n";
  text += "};\n\n// The table, or NULL if the binding that asks was generated from another header.\n";
  text += "EXPORT const void *" + table + "(int64_t version) { return version == table.version ? &table : NULL; }\n";
  return text;
}

std::string write_table(const Ir& ir) {
  const std::string symbol = table_symbol(ir);
  const Constant* version = abi_version(ir);
  const std::string number = version != nullptr ? version->name : std::to_string(table_version(ir));
  std::string common;
  if (symbol.ends_with("api_table")) common = symbol.substr(0, symbol.size() - 9);
  std::string text = "// Generated by `stdbind generate` from " + ir.source + "; do not edit.\n";
  text +=
      "// The table of all entry points, in the order of the header: for bindings that load the library at run time.\n";
  for (const auto& header : ir.headers) text += "#include \"" + header.substr(1, header.size() - 2) + "\"\n";
  text += "\nextern \"C\" {\n\nstruct " + symbol + " {\n  int64_t version;\n  int64_t count;\n";
  const auto functions = table_functions(ir);
  for (const Function* function : functions) {
    std::vector<std::string> parameters;
    for (const auto& parameter : function->parameters) parameters.push_back(parameter.type.declare(parameter.name));
    if (parameters.empty()) parameters.emplace_back("void");
    for (auto& parameter : parameters) {
      for (std::size_t at = parameter.find("* "); at != std::string::npos; at = parameter.find("* "))
        parameter.erase(at + 1, 1);
    }
    const std::string name = "(*" + without_prefix(function->name, {common}) + ")";
    text += listed("  " + declared(function->result.declare(""), name) + "(", parameters, ");\n");
  }
  text += "};\n\nstatic const struct " + symbol + " table = {\n    " + number + ",\n    " +
          std::to_string(functions.size()) + ",\n";
  for (const Function* function : functions) text += "    " + function->name + ",\n";
  text += "};\n\nconst struct " + symbol + " *" + symbol + "(int64_t version) {\n  return version <= " + number +
          " ? &table : nullptr;\n}\n\n}  // extern \"C\"\n";
  return text;
}

}  // namespace stdbind::generate
