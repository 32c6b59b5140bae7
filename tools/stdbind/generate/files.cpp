// Files are staged outside the target folder and renamed into it.
#include "files.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "failure.hpp"

namespace stdbind::generate {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "stdbind-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    work_failure("cannot make a temporary folder " + pattern + ": " + std::strerror(errno) + "; set TMPDIR");
  }
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::optional<std::string> read_file(const fs::path& path) {
  if (fs::is_directory(path)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  out.flush();
  if (!out) work_failure("cannot write " + path.string() + ": " + std::strerror(errno));
}

fs::path Outputs::announce(const std::string& name) {
  const fs::path path = staging_.path() / name;
  fs::create_directories(path.parent_path());
  names_.push_back(name);
  return path;
}

fs::path Outputs::add(const std::string& name, const std::string& content) {
  const fs::path path = announce(name);
  write_file(path, content);
  return path;
}

std::vector<std::string> Outputs::commit() {
  std::error_code error;
  // First all copies beside their targets, then all renames: the second half can hardly fail.
  std::vector<std::pair<fs::path, fs::path>> moves;
  const auto undo = [&] {
    std::error_code ignored;
    for (const auto& [from, to] : moves) fs::remove(from, ignored);
  };
  for (const auto& name : names_) {
    const fs::path from = staging_.path() / name;
    const fs::path to = folder_ / name;
    fs::create_directories(to.parent_path().empty() ? fs::path(".") : to.parent_path(), error);
    if (error) {
      undo();
      work_failure("cannot make the folder " + to.parent_path().string() + ": " + error.message());
    }
    if (fs::is_directory(to)) {
      undo();
      work_failure("cannot write " + to.string() + ": a folder has that name");
    }
    if (read_file(from) == read_file(to)) continue;
    const fs::path beside = to.string() + ".new";
    fs::copy_file(from, beside, fs::copy_options::overwrite_existing, error);
    if (error) {
      undo();
      work_failure("cannot write " + to.string() + ": " + error.message());
    }
    moves.emplace_back(beside, to);
  }
  for (const auto& [from, to] : moves) {
    fs::rename(from, to, error);
    if (error) {
      undo();
      work_failure("cannot write " + to.string() + ": " + error.message());
    }
  }
  return names_;
}

}  // namespace stdbind::generate
