// Files of the generator. What it writes appears whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stdbind::generate {

// A folder that is removed with its content at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The content of a file, or nothing if it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& path);

// Writes a file; throws Failure (1) with the system's reason.
void write_file(const std::filesystem::path& path, const std::string& content);

// The files that a run writes. They are prepared in a temporary folder and put in their places by commit(): if anything
// before fails, nothing in the target folder has changed. A file whose content is the same is left alone.
class Outputs {
 public:
  explicit Outputs(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // Prepares a file (its name is relative to the target folder) and returns where it lies until commit().
  std::filesystem::path add(const std::string& name, const std::string& content);
  // Announces a file that another program will write to the returned path.
  std::filesystem::path announce(const std::string& name);
  const std::filesystem::path& staging() const { return staging_.path(); }
  // Puts all files in place and returns their names in the order in which they were added.
  std::vector<std::string> commit();

 private:
  std::filesystem::path folder_;
  TemporaryFolder staging_;
  std::vector<std::string> names_;
};

}  // namespace stdbind::generate
