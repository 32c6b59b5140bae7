// Finds the files, checks them and prints what was found.
#include "check_command.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "parser.hpp"

namespace stdbind::simple {
namespace {

namespace fs = std::filesystem;

void add_directory(const fs::path& directory, std::vector<std::string>& into) {
  std::error_code error;
  constexpr auto options = fs::directory_options::skip_permission_denied;
  std::vector<std::string> found;
  for (fs::recursive_directory_iterator at(directory, options, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() == ".spl" && at->is_regular_file(ignored)) found.push_back(at->path().string());
  }
  std::sort(found.begin(), found.end());
  into.insert(into.end(), found.begin(), found.end());
}

}  // namespace

std::vector<std::string> find_programs(const std::vector<std::string>& files_or_directories, std::string& missing) {
  std::vector<std::string> files;
  for (const std::string& argument : files_or_directories) {
    std::error_code error;
    const fs::file_status status = fs::status(argument, error);
    if (!fs::exists(status)) {
      missing = argument;
    } else if (fs::is_directory(status)) {
      add_directory(argument, files);
    } else {
      files.push_back(argument);
    }
  }
  return files;
}

int check_command(const std::vector<std::string>& files_or_directories, bool parse_only) {
  std::string missing;
  const std::vector<std::string> files = find_programs(files_or_directories, missing);
  if (!missing.empty()) {
    std::cerr << "simple-ref: there is no file or directory '" << missing << "'\n";
    return 1;
  }
  if (files.empty()) {
    std::cerr << "simple-ref: there are no .spl files below " << files_or_directories.front() << '\n';
    return 1;
  }
  std::size_t good = 0;
  std::size_t errors = 0;
  for (const std::string& file : files) {
    const auto module = parse_file(file, {.parse_only = parse_only});
    if (module) {
      ++good;
      for (const Diagnostic& warning : module->warnings) std::cerr << to_string(warning) << '\n';
      continue;
    }
    errors += module.error().size();
    if (parse_only) {
      std::cout << to_string(module.error().front()) << '\n';
      continue;
    }
    for (const Diagnostic& error : module.error()) std::cerr << to_string(error) << '\n';
  }
  if (parse_only) {
    std::cout << "parsed " << good << " of " << files.size() << " files\n";
  } else if (good == files.size()) {
    std::cout << "checked " << files.size() << (files.size() == 1 ? " file\n" : " files\n");
  } else {
    std::cerr << "simple-ref: " << errors << (errors == 1 ? " error in " : " errors in ") << files.size() - good
              << " of " << files.size() << (files.size() == 1 ? " file\n" : " files\n");
  }
  return good == files.size() ? 0 : 1;
}

}  // namespace stdbind::simple
