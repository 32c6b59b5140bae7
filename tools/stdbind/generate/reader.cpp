// Each XML element has its properties in an <attributelist> of <attribute name= value=> and its children beside it.
#include "reader.hpp"

#include <cstdlib>
#include <filesystem>
#include <pugixml.hpp>
#include <sstream>

#include "files.hpp"
#include "process.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

std::string property(const pugi::xml_node& node, const char* name) {
  return node.child("attributelist").find_child_by_attribute("attribute", "name", name).attribute("value").value();
}

std::map<std::string, std::string> features_of(const pugi::xml_node& node) {
  constexpr std::string_view prefix = "feature_stdbind_";
  std::map<std::string, std::string> features;
  for (const auto& attribute : node.child("attributelist").children("attribute")) {
    const std::string name = attribute.attribute("name").value();
    if (name.rfind(prefix, 0) == 0) features[name.substr(prefix.size())] = attribute.attribute("value").value();
  }
  return features;
}

class XmlReader {
 public:
  explicit XmlReader(std::string library) : library_(std::move(library)) {}

  Interface read(const pugi::xml_node& top) {
    interface_.module = property(top, "name");
    children(top, "");
    return std::move(interface_);
  }

 private:
  using Kind = RawDeclaration::Kind;

  void children(const pugi::xml_node& parent, const std::string& header) {
    for (const auto& node : parent.children()) child(node, header);
  }

  void child(const pugi::xml_node& node, const std::string& header) {
    const std::string tag = node.name();
    if (tag == "include") {
      const std::string name = property(node, "name");
      if (name.rfind(library_, 0) == 0) {
        library_types(node);
        return;
      }
      std::error_code ignored;  // a name may be none that a file could have
      if (fs::path(name).extension() != ".i" && fs::exists(name, ignored)) interface_.headers.push_back(name);
      children(node, name);
    } else if (tag == "extern") {
      children(node, header);
    } else if (tag == "insert") {
      const std::string section = property(node, "section");
      if (section.empty() || section == "header") interface_.code += property(node, "code");
    } else if (tag == "cdecl") {
      interface_.declarations.push_back(declaration(node, header));
    } else if (tag == "constant") {
      RawDeclaration constant = start(node, Kind::constant, header);
      constant.type = property(node, "type");
      constant.value = property(node, "value");
      interface_.declarations.push_back(std::move(constant));
    } else if (tag == "enum") {
      interface_.declarations.push_back(enumeration(node, header));
    } else if (tag == "class") {
      if (!property(node, "nested").empty()) return;  // its outer structure has it as a field
      interface_.declarations.push_back(structure(node, header));
    } else if (tag == "classforward") {
      RawDeclaration forward = start(node, Kind::forward, header);
      forward.has_tag = true;
      forward.is_union = property(node, "kind") == "union";
      interface_.declarations.push_back(std::move(forward));
    }
  }

  // stdint.i and the like: their typedefs help to resolve names, and are nobody's items.
  void library_types(const pugi::xml_node& parent) {
    for (const auto& node : parent.children("cdecl")) {
      if (property(node, "kind") != "typedef") continue;
      RawDeclaration type = declaration(node, "");
      type.features["foreign"] = "1";
      interface_.declarations.push_back(std::move(type));
    }
    for (const auto& node : parent.children("include")) library_types(node);
  }

  static RawDeclaration start(const pugi::xml_node& node, Kind kind, const std::string& header) {
    RawDeclaration declaration;
    declaration.kind = kind;
    declaration.name = property(node, "name");
    declaration.header = header;
    declaration.ignored = !property(node, "feature_ignore").empty();
    declaration.features = features_of(node);
    return declaration;
  }

  static RawDeclaration declaration(const pugi::xml_node& node, const std::string& header) {
    const std::string kind = property(node, "kind");
    const std::string decl = property(node, "decl");
    RawDeclaration result = start(node, Kind::variable, header);
    result.is_static = property(node, "storage").rfind("static", 0) == 0;
    result.bits = property(node, "bitfield");
    result.type = decl + property(node, "type");
    if (kind == "typedef") {
      result.kind = Kind::type_name;
    } else if (kind == "function" && decl.rfind("f(", 0) == 0) {
      result.kind = Kind::function;
      int depth = 0;
      std::size_t end = 1;
      for (; end < decl.size(); ++end) {
        if (decl[end] == '(') ++depth;
        if (decl[end] == ')' && --depth == 0) break;
      }
      result.type = decl.substr(std::min(decl.size(), end + 2)) + property(node, "type");
      const auto list = node.child("attributelist").child("parmlist");
      for (const auto& parameter : list.children("parm")) {
        result.parameters.push_back({property(parameter, "name"), property(parameter, "type")});
      }
      if (result.parameters.size() == 1 && result.parameters[0].type == "void") result.parameters.clear();
    }
    return result;
  }

  static RawDeclaration enumeration(const pugi::xml_node& node, const std::string& header) {
    RawDeclaration result = start(node, Kind::enumeration, header);
    result.type_name = property(node, "tdname");
    result.has_tag = property(node, "unnamed").empty() && !result.name.empty();
    for (const auto& item : node.children("enumitem")) {
      result.members.push_back(start(item, Kind::constant, header));
    }
    return result;
  }

  static RawDeclaration structure(const pugi::xml_node& node, const std::string& header) {
    RawDeclaration result = start(node, Kind::structure, header);
    result.type_name = property(node, "tdname");
    result.has_tag = property(node, "unnamed").empty();
    result.is_union = property(node, "kind") == "union";
    for (const auto& field : node.children("cdecl")) result.members.push_back(declaration(field, header));
    return result;
  }

  std::string library_;
  Interface interface_;
};

// "file:12: Error: text" lines of SWIG's output.
std::vector<ReaderProblem> problems_of(const std::string& text) {
  std::vector<ReaderProblem> problems;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t mark = line.find(": Error: ");
    if (mark == std::string::npos) continue;
    const std::size_t colon = line.rfind(':', mark - 1);
    if (colon == std::string::npos) continue;
    problems.push_back({line.substr(0, colon), std::atoi(line.c_str() + colon + 1), line.substr(mark + 9)});
  }
  return problems;
}

}  // namespace

std::string find_swig(const std::string& pinned) {
  if (const char* named = std::getenv("STDBIND_SWIG"); named != nullptr && *named != '\0') return named;
  if (!pinned.empty() && !find_program(pinned).empty()) return pinned;
  const std::string found = find_program("swig");
  if (found.empty()) {
    usage_failure(
        "SWIG is not installed; run ./dev setup, or name the program in the environment variable STDBIND_SWIG");
  }
  return found;
}

Interface read_tree(const std::string& xml, const std::string& library, const std::string& file) {
  pugi::xml_document document;
  if (const auto result =
          document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
      !result) {
    work_failure(file + ": SWIG's XML cannot be read: " + result.description());
  }
  return XmlReader(library).read(document.document_element());
}

Reading read_interface(const std::string& swig, const std::string& file, const std::vector<std::string>& folders,
                       const std::vector<std::string>& definitions) {
  const Ran where = run({swig, "-swiglib"});
  if (where.status != 0) {
    usage_failure("SWIG (" + swig + ") does not run; run ./dev setup, or set STDBIND_SWIG\n" + where.err);
  }
  const std::string library = where.out.substr(0, where.out.find('\n'));
  const TemporaryFolder folder;
  const std::string xml = (folder.path() / "tree.xml").string();
  std::vector<std::string> command = {swig, "-xml", "-w301,302,305,322,451,462,801,505,314,503,401,509,516,317,315",
                                      "-I" + library + "/c"};
  for (const auto& path : folders) command.push_back("-I" + path);
  for (const auto& definition : definitions) command.push_back("-D" + definition);
  command.insert(command.end(), {"-o", xml, file});
  const Ran ran = run(command);
  Reading reading;
  reading.problems = problems_of(ran.err);
  if (!reading.problems.empty()) return reading;
  if (ran.status != 0) {
    work_failure(file + ": SWIG failed (" + std::to_string(ran.status) + "):\n" + ran.err + ran.out);
  }
  const auto tree = read_file(xml);
  if (!tree) work_failure(file + ": SWIG wrote no tree");
  reading.interface = read_tree(*tree, library, file);
  return reading;
}

}  // namespace stdbind::generate
