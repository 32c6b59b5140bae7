// A small log of records in a mapped file, made to be killed: each record has a checksum, and two headers are written
// in turn, so that one of them is whole at any moment. What a record holds follows from the seed and its number.
#ifndef STDBIND_TESTS_LOG_HPP
#define STDBIND_TESTS_LOG_HPP

#include <cstdint>
#include <functional>
#include <random>
#include <stdbind/mmap.hpp>
#include <string>
#include <string_view>

namespace stdbind::tests {

using Random = std::mt19937_64;

/// Writes to a log. What fails ends the process: the disk is not full, and nobody else uses the file.
class LogWriter {
 public:
  /// Opens the log, or makes it if there is none, or none that is whole.
  LogWriter(std::string path, std::uint64_t seed, Random& random);
  /// Appends some records in one of many ways, and flushes them: they are durable when it returns.
  void append();
  /// Closes and opens it again.
  void reopen();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::int64_t end() const { return end_; }

 private:
  void open();
  void write_header();
  void make_room(std::int64_t size);
  std::uint64_t chosen(std::uint64_t below) { return random_() % below; }

  std::string path_;
  std::uint64_t seed_;
  Random& random_;
  Mmap mmap_;
  std::uint64_t generation_ = 0;
  std::uint64_t count_ = 0;
  std::int64_t end_ = 0;
};

/// What is wrong with the content of a log of which so many records were reported as flushed; empty if nothing is.
std::string check_log(std::string_view content, std::uint64_t seed, std::uint64_t reported);

}  // namespace stdbind::tests

#endif
