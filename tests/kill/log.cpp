// The log of records: writing through every way that a mapping can be written, and checking from plain bytes.
#include "log.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace stdbind::tests {

namespace {

constexpr std::uint64_t magic = 0x676F4C6C6C694B21;
constexpr std::int64_t first_record = 4096;
constexpr std::int64_t slots[] = {0, 512};

/// FNV-1a: not against an enemy, only against torn writes.
std::uint64_t checksum(std::string_view bytes, std::uint64_t value = 0xCBF29CE484222325) {
  for (const char byte : bytes) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  return value;
}

struct Header {
  std::uint64_t magic;
  std::uint64_t seed;
  std::uint64_t generation;
  std::uint64_t count;
  std::int64_t end;
  std::uint64_t sum;
};

struct RecordHead {
  std::uint64_t number;
  std::uint64_t size;
  std::uint64_t sum;
};

template <class T>
std::string_view bytes_before_sum(const T& value) {
  return {reinterpret_cast<const char*>(&value), offsetof(T, sum)};
}

template <class T>
T read_as(std::string_view content, std::int64_t offset) {
  T value{};
  std::memcpy(&value, content.data() + offset, sizeof(T));
  return value;
}

/// The whole header with the higher generation.
std::optional<Header> header_of(std::string_view content, std::uint64_t seed) {
  std::optional<Header> best;
  if (content.size() < static_cast<std::size_t>(first_record)) return best;
  for (const std::int64_t slot : slots) {
    const auto header = read_as<Header>(content, slot);
    if (header.magic != magic || header.seed != seed || header.sum != checksum(bytes_before_sum(header))) continue;
    if (!best || header.generation > best->generation) best = header;
  }
  return best;
}

/// The bytes of a record: from none to several pages of them.
std::string record_of(std::uint64_t seed, std::uint64_t number) {
  Random random(seed ^ (number * 0x9E3779B97F4A7C15));
  const auto size = static_cast<std::size_t>(random() % 5 == 0 ? random() % 12000 : random() % 300);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  RecordHead head{.number = number, .size = size, .sum = 0};
  head.sum = checksum(text, checksum(bytes_before_sum(head)));
  return std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + text;
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "the writer: %s\n", std::string(result.error().message.view()).c_str());
    std::_Exit(3);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

LogWriter::LogWriter(std::string path, std::uint64_t seed, Random& random)
    : path_(std::move(path)), seed_(seed), random_(random) {
  open();
}

void LogWriter::open() {
  constexpr OpenOptions options = OpenOptions::grow | OpenOptions::update;
  if (auto opened = Mmap::open(path_, Mode::write, 0, to_end, 0, options)) {
    mmap_ = std::move(*opened);
    const Bytes content = must(mmap_.read_bytes());
    if (const auto header = header_of(content.text(), seed_)) {
      generation_ = header->generation;
      count_ = header->count;
      end_ = header->end;
      return;
    }
    must(mmap_.resize(0));  // killed before the first header was there
    must(mmap_.resize(first_record));
  } else {
    mmap_ = must(Mmap::create(path_, Mode::write, first_record, options));
  }
  count_ = generation_ = 0;
  end_ = first_record;
  write_header();
  write_header();
}

void LogWriter::write_header() {
  Header header{.magic = magic, .seed = seed_, .generation = ++generation_, .count = count_, .end = end_, .sum = 0};
  header.sum = checksum(bytes_before_sum(header));
  const std::int64_t slot = slots[generation_ % 2];
  const auto data = std::as_bytes(std::span(&header, 1));
  if (chosen(2) == 0) {
    must(mmap_.update(slot, data));
  } else {
    must(mmap_.write_at(slot, data));
    must(mmap_.flush(slot, static_cast<std::int64_t>(data.size())));
  }
}

void LogWriter::make_room(std::int64_t size) {
  const std::int64_t length = must(mmap_.length());
  if (length < size) must(mmap_.resize(size + static_cast<std::int64_t>(chosen(20000))));
}

void LogWriter::append() {
  const std::int64_t start = end_;
  for (std::uint64_t left = 1 + chosen(5); left != 0; --left) {
    const std::string record = record_of(seed_, count_);
    make_room(end_ + static_cast<std::int64_t>(record.size()));
    switch (chosen(5)) {
      case 0:
        must(mmap_.write_at(end_, bytes(record)));
        break;
      case 1:
        must(mmap_.seek(end_));
        must(mmap_.write(record));
        break;
      case 2: {
        const auto view = must(mmap_.view(end_, static_cast<std::int64_t>(record.size())));
        std::memcpy(must(view.writable_bytes()).data(), record.data(), record.size());
        break;
      }
      case 3:
        must(mmap_.update(end_, bytes(record)));
        break;
      default:
        must(mmap_.write_at(end_, bytes(record)));
        must(mmap_.flush_async(end_, static_cast<std::int64_t>(record.size())));
        break;
    }
    end_ += static_cast<std::int64_t>(record.size());
    ++count_;
  }
  must(mmap_.flush(start, end_ - start));
  if (chosen(8) == 0) must(mmap_.resize(end_));  // what lies behind is given back
  write_header();
}

void LogWriter::reopen() {
  must(mmap_.close());
  open();
}

std::string check_log(std::string_view content, std::uint64_t seed, std::uint64_t reported) {
  const auto header = header_of(content, seed);
  if (!header) return "no header is whole";
  if (header->count < reported) {
    return "the header knows " + std::to_string(header->count) + " records, " + std::to_string(reported) +
           " were reported as flushed";
  }
  if (header->end < first_record || header->end > static_cast<std::int64_t>(content.size())) {
    return "the log ends at " + std::to_string(header->end) + ", the file at " + std::to_string(content.size());
  }
  std::string_view rest = content.substr(0, static_cast<std::size_t>(header->end));
  rest.remove_prefix(static_cast<std::size_t>(first_record));
  for (std::uint64_t number = 0; number < header->count; ++number) {
    const std::string record = record_of(seed, number);
    if (!rest.starts_with(record)) return "record " + std::to_string(number) + " is not as it was written";
    rest.remove_prefix(record.size());
  }
  return rest.empty() ? "" : "the last record does not end where the log does";
}

}  // namespace stdbind::tests
