// A coded type is a chain of operators, each ended by a dot, and a base: a(4).p.q(const).char
#include "types.hpp"

#include <algorithm>

namespace stdbind::generate {
namespace {

// Splits off the first operator of a coded type: "p.", "q(const).", "f(int).", "a(4).". Empty if only the base is left.
std::string take_operator(std::string& coded) {
  int depth = 0;
  for (std::size_t i = 0; i < coded.size(); ++i) {
    if (coded[i] == '(') ++depth;
    if (coded[i] == ')') --depth;
    if (coded[i] == '.' && depth == 0) {
      std::string taken = coded.substr(0, i);
      coded.erase(0, i + 1);
      return taken;
    }
    const bool operator_start = i == 0 && coded.size() > 1 &&
                                std::string_view("pqafrmz").find(coded[0]) != std::string::npos &&
                                (coded[1] == '.' || coded[1] == '(');
    if (i == 0 && !operator_start) return "";
  }
  return "";
}

std::vector<std::string> arguments_of(const std::string& function) {
  std::vector<std::string> list;
  std::string part;
  int depth = 0;
  for (std::size_t i = 2; i + 1 < function.size(); ++i) {
    const char c = function[i];
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ',' && depth == 0) {
      list.push_back(part);
      part.clear();
    } else {
      part += c;
    }
  }
  if (!part.empty()) list.push_back(part);
  return list;
}

std::string without_tag(const std::string& base) {
  for (const char* tag : {"struct ", "union ", "enum "}) {
    if (base.rfind(tag, 0) == 0) return base.substr(std::string_view(tag).size());
  }
  return base;
}

std::string replace_name(const std::string& spelled, const std::string& with) {
  const std::size_t at = spelled.find('%');
  if (at == std::string::npos) return spelled + (with.empty() ? "" : " " + with);
  return spelled.substr(0, at) + with + spelled.substr(at + 1);
}

bool is_integer(const std::string& base) {
  static const std::set<std::string> integers = {"char",
                                                 "signed char",
                                                 "unsigned char",
                                                 "short",
                                                 "unsigned short",
                                                 "int",
                                                 "unsigned int",
                                                 "unsigned",
                                                 "long",
                                                 "unsigned long",
                                                 "long long",
                                                 "unsigned long long",
                                                 "signed",
                                                 "signed int",
                                                 "short int",
                                                 "long int",
                                                 "unsigned short int",
                                                 "unsigned long int",
                                                 "long long int",
                                                 "unsigned long long int",
                                                 "wchar_t"};
  return integers.contains(base);
}

// The coded type with typedefs replaced, operator by operator, and the last own typedef that was met.
std::string follow(std::string coded, const Names& names, std::string& met) {
  std::string operators;
  for (int guard = 0; guard < 64; ++guard) {
    for (std::string taken = take_operator(coded); !taken.empty(); taken = take_operator(coded))
      operators += taken + ".";
    const auto alias = names.aliases.find(coded);
    if (alias == names.aliases.end() || names.structures.contains(coded) || names.enumerations.contains(coded)) break;
    if (alias->second == coded) break;
    if (met.empty() && names.own_aliases.contains(coded)) met = coded;
    coded = alias->second;
  }
  return operators + coded;
}

void describe_target(Type& type, std::string coded, const Names& names) {
  std::string met;
  coded = follow(coded, names, met);
  std::string rest = coded;
  std::string taken = take_operator(rest);
  if (taken.rfind("q(", 0) == 0) {
    type.constant = taken.find("const") != std::string::npos;
    coded = rest;
    taken = take_operator(rest);
  }
  if (taken == "p" || taken.rfind("a(", 0) == 0) {
    type.target = "pointer";
  } else if (taken.rfind("f(", 0) == 0) {
    type.target = "function";
  } else if (coded == "void") {
    type.target = "void";
  } else if (coded == "char" || coded == "unsigned char" || coded == "signed char") {
    type.target = "byte";
    type.target_size = 1;
  } else if (is_integer(coded) || coded == "bool" || coded == "_Bool" ||
             names.enumerations.contains(without_tag(coded)) || coded.rfind("enum ", 0) == 0) {
    type.target = "integer";
  } else if (coded == "float" || coded == "double") {
    type.target = "real";
  } else if (coded.rfind("struct ", 0) == 0 || coded.rfind("union ", 0) == 0 ||
             names.structures.contains(without_tag(coded))) {
    type.target = "structure";
    type.name = without_tag(coded);
  } else {
    type.target = "other";
  }
}

}  // namespace

std::string Type::declare(const std::string& with) const { return replace_name(c, with); }

std::string spell(const std::string& coded, const Names& names) {
  std::string rest = coded;
  std::string declarator = "%";
  bool after_pointer = false;
  std::string qualifiers;
  for (std::string taken = take_operator(rest); !taken.empty(); taken = take_operator(rest)) {
    if (taken == "p") {
      declarator = "*" + (qualifiers.empty() ? "" : qualifiers + " ") + declarator;
      qualifiers.clear();
      after_pointer = true;
    } else if (taken.rfind("q(", 0) == 0) {
      qualifiers = taken.substr(2, taken.size() - 3);
    } else if (taken.rfind("a(", 0) == 0) {
      declarator =
          (after_pointer ? "(" + declarator + ")" : declarator) + "[" + taken.substr(2, taken.size() - 3) + "]";
      after_pointer = false;
    } else if (taken.rfind("f(", 0) == 0) {
      std::string list;
      for (const auto& argument : arguments_of(taken)) {
        list += (list.empty() ? "" : ", ") + replace_name(spell(argument, names), "");
      }
      declarator = (after_pointer ? "(" + declarator + ")" : declarator) + "(" + list + ")";
      after_pointer = false;
    }
  }
  std::string base = rest == "bool" ? "_Bool" : rest.rfind("v(", 0) == 0 ? "..." : rest;
  if (const auto found = names.structures.find(base);
      found != names.structures.end() && !names.aliases.contains(base)) {
    base = found->second;
  }
  if (!qualifiers.empty()) base = qualifiers + " " + base;
  if (declarator == "%") return base;
  return base + " " + declarator;
}

Type resolve(const std::string& coded, const Names& names) {
  using Kind = Type::Kind;
  Type type;
  type.c = spell(coded, names);
  std::string met;
  std::string full = follow(coded, names, met);
  type.name = met;
  std::string rest = full;
  std::string taken = take_operator(rest);
  if (taken.rfind("q(", 0) == 0) {  // a const value is a value
    full = rest;
    taken = take_operator(rest);
  }
  if (taken.rfind("a(", 0) == 0) {
    type.kind = Kind::array;
    describe_target(type, rest, names);
  } else if (taken == "p") {
    type.kind = Kind::pointer;
    type.name.clear();
    describe_target(type, rest, names);
    if (type.target == "function") type.kind = Kind::callback;
    std::string target_met;
    if (type.constant && follow(rest, names, target_met) == "q(const).char") type.kind = Kind::text;
    if (type.name.empty()) type.name = met;
  } else if (taken.rfind("f(", 0) == 0) {
    type.kind = Kind::callback;
  } else if (full == "void") {
    type.kind = Kind::nothing;
  } else if (full == "bool" || full == "_Bool") {
    type.kind = Kind::boolean;
  } else if (is_integer(full)) {
    type.kind = Kind::integer;
  } else if (full == "float" || full == "double") {
    type.kind = Kind::real;
  } else if (full == "v(...)" || full.find("va_list") != std::string::npos) {
    type.kind = Kind::list;
  } else if (full.rfind("enum ", 0) == 0 || names.enumerations.contains(full)) {
    type.kind = Kind::enumeration;
    type.name = without_tag(full);
  } else if (full.rfind("struct ", 0) == 0 || full.rfind("union ", 0) == 0 || names.structures.contains(full)) {
    type.kind = Kind::structure;
    type.name = without_tag(full);
  } else {
    type.kind = Kind::unknown;
  }
  return type;
}

}  // namespace stdbind::generate
