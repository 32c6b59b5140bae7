// The command `simple-ref check`.
#pragma once

#include <string>
#include <vector>

namespace stdbind::simple {

/// The `.spl` files that the arguments name: files as they are, directories with all below them, in order of path.
/// *errors*: an argument that does not exist is put into `missing`.
std::vector<std::string> find_programs(const std::vector<std::string>& files_or_directories, std::string& missing);

/// Parses and checks the files; messages go to standard error, `checked N files` to standard output. With
/// `parse_only` the syntax alone counts: the first error of each file and a last line `parsed N of M files` are
/// printed to standard output. Returns 0 when no file has an error, else 1.
int check_command(const std::vector<std::string>& files_or_directories, bool parse_only);

}  // namespace stdbind::simple
