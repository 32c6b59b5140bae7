// SWIG's XML: it becomes declarations with resolved types, or is refused.
#include "generate/reader.hpp"

#include "fuzz.hpp"
#include "generate/types.hpp"

namespace generate = stdbind::generate;

namespace {

void resolve_all(const generate::RawDeclaration& declaration, const generate::Names& names) {
  static_cast<void>(generate::resolve(declaration.type, names));
  static_cast<void>(generate::spell(declaration.type, names));
  for (const auto& parameter : declaration.parameters) static_cast<void>(generate::resolve(parameter.type, names));
  for (const auto& member : declaration.members) resolve_all(member, names);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto interface =
        generate::read_tree(std::string(stdbind::fuzz::text_of(data, size)), "/usr/share/swig", "fuzz.xml");
    generate::Names names;
    for (const auto& declaration : interface.declarations) {
      using Kind = generate::RawDeclaration::Kind;
      if (declaration.kind == Kind::type_name) names.aliases[declaration.name] = declaration.type;
      if (declaration.kind == Kind::structure) names.structures[declaration.name] = "struct " + declaration.name;
      if (declaration.kind == Kind::enumeration) names.enumerations[declaration.name] = "enum " + declaration.name;
    }
    for (const auto& declaration : interface.declarations) resolve_all(declaration, names);
  } catch (const generate::Failure&) {
    // told, as it should be
  }
  return 0;
}
