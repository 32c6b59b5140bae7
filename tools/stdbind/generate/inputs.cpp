// A header is preprocessed, and only the library's own declarations go to SWIG; an interface file goes there as it is.
#include "inputs.hpp"

#include <filesystem>

#include "failure.hpp"
#include "files.hpp"
#include "probe.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

class InputReader {
 public:
  explicit InputReader(const Request& request) : request_(request) {}

  Inputs read() {
    inputs_.compiler = request_.compiler;
    inputs_.name = request_.name;
    fs::path(request_.file).extension() == ".i" ? read_interface_file() : read_header();
    if (inputs_.name.empty()) inputs_.name = fs::path(request_.file).stem().string();
    return std::move(inputs_);
  }

 private:
  void read_interface_file() {
    Reading reading =
        read_interface(request_.swig, request_.file, request_.compiler.include_folders, request_.compiler.definitions);
    if (!reading.problems.empty()) {
      const auto& problem = reading.problems.front();
      work_failure(Place{problem.file, problem.line}.text() + ": SWIG cannot read this: " + problem.message +
                   "; correct the line, or declare the item in the interface file in plain C");
    }
    inputs_.interface = std::move(reading.interface);
    if (inputs_.name.empty()) inputs_.name = inputs_.interface.module;
    inputs_.code = inputs_.interface.code;
    for (const auto& header : inputs_.interface.headers) inputs_.headers.push_back(include_name(header));
    if (inputs_.interface.code.find("#include") == std::string::npos) inputs_.code = include_lines() + inputs_.code;
    inputs_.compiler.include_folders.push_back(fs::absolute(request_.file).parent_path().string());
    Probe(inputs_.compiler, inputs_.code).check();
    inputs_.source = read_source(inputs_.code, inputs_.interface.headers, request_.own, inputs_.compiler);
    // SWIG does not follow #include: what the system's headers call size_t it has to be told.
    std::vector<Unreadable> ignored;
    for (auto& declaration : read_text({}, inputs_.source.foreign_types, ignored).declarations) {
      declaration.features["foreign"] = "1";
      inputs_.interface.declarations.push_back(std::move(declaration));
    }
    inputs_.source.add(read_interface_text(request_.file));
  }

  void read_header() {
    const std::string header = fs::absolute(request_.file).lexically_normal().string();
    inputs_.headers.push_back(include_name(header));
    const std::string& included = inputs_.headers.back();
    if (included[0] == '"')
      inputs_.compiler.include_folders.insert(inputs_.compiler.include_folders.begin(),
                                              fs::path(header).parent_path().string());
    inputs_.code = include_lines();
    Probe(inputs_.compiler, inputs_.code).check(header);
    inputs_.source = read_source("#include \"" + header + "\"\n", {header}, request_.own, inputs_.compiler);
    inputs_.interface = read_text(inputs_.source.declarations, inputs_.source.foreign_types, inputs_.unreadable);
  }

  // Lets SWIG read declarations of the library and typedefs of others. What it cannot read is taken out, one line a
  // time; of a foreign typedef that need not be told, because an item that uses it is refused.
  Interface read_text(const std::vector<Declaration>& declarations, const std::vector<std::string>& types,
                      std::vector<Unreadable>& unreadable) const {
    std::vector<bool> own_left(declarations.size(), true);
    std::vector<bool> foreign_left(types.size(), true);
    for (int attempts = 0; attempts < 200; ++attempts) {
      const TemporaryFolder folder;
      std::string own;
      std::string foreign;
      for (std::size_t i = 0; i < own_left.size(); ++i) own += (own_left[i] ? declarations[i].text : "") + "\n";
      for (std::size_t i = 0; i < foreign_left.size(); ++i) foreign += (foreign_left[i] ? types[i] : "") + "\n";
      write_file(folder.path() / "own.h", own);
      write_file(folder.path() / "foreign.h", foreign);
      const fs::path top = folder.path() / "top.i";
      write_file(top, "%module stdbind\n%include <stdint.i>\n%include \"foreign.h\"\n%include \"own.h\"\n");
      Reading reading = read_interface(request_.swig, top.string(), {folder.path().string()}, {});
      if (reading.problems.empty()) return std::move(reading.interface);
      const auto& problem = reading.problems.front();
      const bool in_own = fs::path(problem.file).filename() == "own.h";
      auto& left = in_own ? own_left : foreign_left;
      const auto line = static_cast<std::size_t>(problem.line - 1);
      if (problem.line < 1 || line >= left.size() || !left[line]) {
        work_failure(request_.file + ": SWIG cannot read the header: " + problem.message);
      }
      left[line] = false;
      if (!in_own) continue;
      unreadable.push_back({declarations[line].text.substr(0, 60), declarations[line].place, problem.message});
    }
    work_failure(request_.file + ": SWIG cannot read this header; write an interface file (.i) with what you need");
  }

  // How C code includes a header: <dir/name.h> below a folder that the compiler searches, else "name.h".
  std::string include_name(const std::string& header) {
    const std::string path = fs::absolute(header).lexically_normal().string();
    std::string best;
    std::vector<std::string> folders = request_.compiler.include_folders;
    for (const auto& folder : system_folders(request_.compiler)) folders.push_back(folder);
    for (const auto& folder : folders) {
      const std::string prefix = fs::absolute(folder).lexically_normal().string() + "/";
      if (path.rfind(prefix, 0) == 0 && (best.empty() || path.size() - prefix.size() < best.size()))
        best = path.substr(prefix.size());
    }
    return best.empty() ? "\"" + fs::path(path).filename().string() + "\"" : "<" + best + ">";
  }

  std::string include_lines() const {
    std::string lines;
    for (const auto& header : inputs_.headers) lines += "#include " + header + "\n";
    return lines;
  }

  const Request& request_;
  Inputs inputs_;
};

}  // namespace

Inputs read_inputs(const Request& request) { return InputReader(request).read(); }

}  // namespace stdbind::generate
