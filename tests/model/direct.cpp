// The model against the C++ API: each answer is compared, and in the end the files.
#include "direct.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <list>
#include <optional>
#include <span>
#include <stdbind/mmap.hpp>

#include "conform/text.hpp"

namespace stdbind::model {

namespace {

struct Object {
  Mmap mmap;
  std::list<MmapView> views;
};

// What came of an operation, in the form that the model expects.
Expected error(const Error& error) {
  return {.status = Expected::Status::error,
          .kind = std::string(name_of(error.kind)),
          .field = {},
          .number = 0,
          .data = {}};
}

struct Answer {
  Expected expected;
  std::string bytes;
};

Answer answer(const Result<void>& result) { return {result ? Expected{} : error(result.error()), {}}; }

Answer answer(const Result<std::int64_t>& result, const char* field) {
  if (!result) return {error(result.error()), {}};
  Expected expected;
  expected.field = field;
  expected.number = *result;
  return {expected, {}};
}

Answer answer(std::span<const std::byte> bytes) {
  Answer given = answer(static_cast<std::int64_t>(bytes.size()), "n");
  given.bytes.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return given;
}

std::string describe(const Expected& expected) {
  return expected.status == Expected::Status::error ? "the error " + expected.kind
         : expected.field.empty()                   ? "ok"
                                                    : expected.field + "=" + std::to_string(expected.number);
}

class Run {
 public:
  Run(std::string directory, std::int64_t page) : directory_(std::move(directory)), model_(first_sizes(page), page) {
    for (int number = 0; number < file_count; ++number) {
      const int fd = ::open(path(number).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      const auto bytes = bytes_of(model_.file(number));
      if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        broken_ = path(number) + ": " + std::strerror(errno);
      if (fd >= 0) ::close(fd);
    }
  }

  std::string run(const std::vector<Operation>& operations) {
    for (std::size_t i = 0; broken_.empty() && i < operations.size(); ++i) {
      const auto expected = model_.perform(operations[i]);
      if (expected.status == Expected::Status::skipped) continue;
      if (const auto wrong = compare(expected, perform(operations[i])); !wrong.empty())
        return "operation " + std::to_string(i) + ": " + wrong;
    }
    for (int number = 0; broken_.empty() && number < file_count; ++number) {
      if (content(number) != bytes_of(model_.file(number))) return file_name(number) + " does not hold what it should";
    }
    return broken_;
  }

 private:
  std::string path(int number) const { return directory_ + "/" + file_name(number); }

  std::string content(int number) {
    const auto text = conform::read_text_file(path(number));
    if (!text) broken_ = text.error();
    return text.value_or("");
  }

  static std::string compare(const Expected& expected, const Answer& answer) {
    const auto& given = answer.expected;
    const bool same = expected.status == given.status && expected.kind == given.kind && expected.field == given.field &&
                      expected.number == given.number;
    if (!same) return "expected " + describe(expected) + ", the answer was " + describe(given);
    if (expected.data && bytes_of(*expected.data) != answer.bytes) return "other bytes than expected";
    return {};
  }

  Answer perform(const Operation& operation) {
    switch (operation.act) {
      case Act::truncate:
        if (::truncate(path(operation.file).c_str(), static_cast<off_t>(operation.size)) != 0) broken_ = "truncate";
        return {};
      case Act::plain_write: {
        const auto bytes = data(operation);
        const int fd = ::open(path(operation.file).c_str(), O_WRONLY | O_CLOEXEC);
        if (::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(operation.offset)) < 0) broken_ = "pwrite";
        ::close(fd);
        return {};
      }
      case Act::look:
        return {{}, content(operation.file)};
      default:
        break;
    }
    auto& object = objects_.at(static_cast<std::size_t>(operation.object));
    if (operation.act == Act::map || operation.act == Act::anonymous) {
      object.reset();
      const auto mode = static_cast<Mode>(operation.mode);
      auto opened = operation.act == Act::anonymous
                        ? Mmap::anonymous(operation.size, mode)
                        : Mmap::open(path(operation.file), mode, operation.offset, operation.size, 0,
                                     operation.grow ? OpenOptions::grow : OpenOptions::none);
      if (!opened) return {error(opened.error()), {}};
      object.emplace(Object{std::move(*opened), {}});
      return {};
    }
    if (!object) {
      Answer nothing;
      nothing.expected.status = Expected::Status::error;
      nothing.expected.kind = "closed";
      return nothing;
    }
    return perform(operation, *object);
  }

  static std::string data(const Operation& operation) {
    Origins origins;
    for (std::int64_t i = 0; i < operation.size; ++i) origins.push_back(operation.origin + i);
    return bytes_of(origins);
  }

  static Answer read(const Result<Bytes>& bytes) {
    return bytes ? answer(bytes->span()) : Answer{error(bytes.error()), {}};
  }

  static Answer perform(const Operation& operation, Object& object) {
    Mmap& mmap = object.mmap;
    switch (operation.act) {
      case Act::close:
        return answer(mmap.close());
      case Act::is_closed:
        return answer(mmap.is_closed() ? 1 : 0, "value");
      case Act::length:
        return answer(mmap.length(), "n");
      case Act::tell:
        return answer(mmap.tell(), "pos");
      case Act::seek:
        return answer(mmap.seek(operation.offset, static_cast<Whence>(operation.whence)), "pos");
      case Act::read:
        return read(mmap.read_bytes(operation.size));
      case Act::read_at: {
        auto buffer = Bytes::allocate(static_cast<std::size_t>(operation.size));
        const auto done = mmap.read_at(operation.offset, buffer->span());
        return done ? answer(buffer->span()) : Answer{error(done.error()), {}};
      }
      case Act::write:
      case Act::write_at: {
        const auto text = data(operation);
        const auto bytes = std::as_bytes(std::span(text));
        const auto done = operation.act == Act::write ? mmap.write(bytes) : mmap.write_at(operation.offset, bytes);
        return done ? answer(operation.size, "n") : Answer{error(done.error()), {}};
      }
      case Act::view: {
        auto view = mmap.view(operation.offset, operation.size);
        if (!view) return {error(view.error()), {}};
        return answer(object.views.emplace_back(std::move(*view)).bytes());
      }
      case Act::unview:
        if (object.views.empty()) return answer(mmap.view_end(), "n");
        object.views.pop_back();
        return {};
      case Act::probe:
        return answer(mmap.probe(operation.offset, operation.size));
      case Act::flush:
        return answer(mmap.flush(operation.offset, operation.size));
      case Act::resize:
        return answer(mmap.resize(operation.size));
      default:
        return {};
    }
  }

  std::string directory_;
  Model model_;
  std::array<std::optional<Object>, object_count> objects_;
  std::string broken_;  // the test itself, not the library
};

}  // namespace

std::string run_directly(const std::vector<Operation>& operations, const std::string& directory, std::int64_t page) {
  return Run(directory, page).run(operations);
}

}  // namespace stdbind::model
