// The conformance adapter for C++: the protocol over stdbind/mmap.hpp. It passes on what the library answers.
#include <system.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <sstream>
#include <stdbind/mmap.hpp>
#include <stdbind/prefault.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "../crc32.h"

namespace {

using stdbind::Error;
using stdbind::Mmap;
using stdbind::Mode;
using stdbind::Result;
using Number = std::int64_t;

// What was mapped under a number, and the views of it that were begun.
struct Object {
  Mmap mmap;
  std::list<stdbind::MmapView> views;
};

struct Loading {
  stdbind::Prefault prefault;
  Number object = 0;  // the number of what it loads
};

std::array<std::optional<Object>, 16> objects;
std::array<std::optional<Loading>, 16> loadings;

std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4U];
    text += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::string percent(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (plain.find(c) != std::string_view::npos)
      text += c;
    else
      (text += '%') += {digits[byte >> 4U], digits[byte & 15U]};
  }
  return text;
}

std::string unpercent(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
    } else {
      bytes += unhex(text.substr(i + 1, 2));
      i += 2;
    }
  }
  return bytes;
}

// The fields of one request.
class Request {
 public:
  explicit Request(const std::string& line) {
    std::istringstream words(line);
    words >> sequence >> operation;
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      fields_[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
  }

  bool has(const std::string& key) const { return fields_.contains(key); }
  const std::string& raw(const std::string& key) const { return fields_.at(key); }
  std::string text(const std::string& key) const { return unpercent(raw(key)); }
  Number number(const std::string& key, Number missing = 0) const { return has(key) ? std::stoll(raw(key)) : missing; }
  Mode mode() const { return static_cast<Mode>(number("mode")); }
  Number offset() const { return number("offset"); }
  Number length() const { return number("length", stdbind::to_end); }
  stdbind::OpenOptions options() const { return static_cast<stdbind::OpenOptions>(number("options")); }
  std::optional<Object>& slot() const { return objects.at(static_cast<std::size_t>(number("m"))); }
  std::optional<Loading>& loading() const { return loadings.at(static_cast<std::size_t>(number("p"))); }
  stdbind::Prefault& prefault() const { return loading()->prefault; }
  Object& object() const { return *slot(); }
  Mmap& mmap() const { return object().mmap; }

  std::string data() const {
    const std::string_view spec = raw("data");
    if (!spec.starts_with("fill:")) return unhex(spec);
    const auto star = spec.find('*');
    const auto unit = unhex(spec.substr(5, star - 5));
    std::string bytes;
    for (Number left = std::stoll(std::string(spec.substr(star + 1))); left > 0; --left) bytes += unit;
    return bytes;
  }

  std::string sequence;
  std::string operation;

 private:
  std::map<std::string, std::string> fields_;
};

std::string error(const Error& error) {
  return "err " + std::string(name_of(error.kind)) + " os=" + std::to_string(error.os) +
         " message=" + percent(error.message);
}

std::string ok(const Result<void>& result) { return result ? "ok" : error(result.error()); }

std::string ok(const Result<Number>& result, const std::string& key) {
  return result ? "ok " + key + "=" + std::to_string(*result) : error(result.error());
}

std::string bytes(std::span<const std::byte> data) {
  std::ostringstream text;
  text << "ok n=" << data.size();
  if (data.size() <= 256) {
    text << " data=" << hex(data);
  } else {
    text << " crc=" << std::hex;
    text.width(8);
    text.fill('0');
    text << crc32_of(data.data(), data.size());
  }
  return text.str();
}

std::string keep(const Request& request, Result<Mmap> opened) {
  if (!opened) return error(opened.error());
  request.slot().emplace(std::move(*opened));
  return "ok";
}

// What loads an object goes with it.
void drop(Number number) {
  for (auto& loading : loadings)
    if (loading && loading->object == number) loading.reset();
  objects.at(static_cast<std::size_t>(number)).reset();
}

// Only the flat interface counts handles; here every open object is one.
Number live() {
  Number count = 0;
  for (const auto& object : objects) count += object && !object->mmap.is_closed() ? 1 : 0;
  for (const auto& loading : loadings) count += loading && !loading->prefault.is_closed() ? 1 : 0;
  return count;
}

std::string hello(const Request&) {
  const auto page = stdbind::page_size();
  return "ok language=cpp abi=2 page=" + std::to_string(page.value_or(0)) + " tool=" + percent("C++ " __VERSION__);
}

std::string reset(const Request&) {
  loadings = {};
  objects = {};
  return "ok live=" + std::to_string(live());
}

std::string map(const Request& request) {
  drop(request.number("m"));
  return keep(request, Mmap::open(request.text("path"), request.mode(), request.offset(), request.length(),
                                  request.number("address"), request.options()));
}

std::string map_fd(const Request& request) {
  drop(request.number("m"));
  const int fd = open_descriptor(request.text("path").c_str(), request.raw("access") == "rw" ? 1 : 0);
  auto opened = Mmap::from_fd(fd, request.mode(), request.offset(), request.length(), request.number("address"),
                              request.options());
  if (fd >= 0) close_descriptor(fd);
  return keep(request, std::move(opened));
}

std::string anon(const Request& request) {
  drop(request.number("m"));
  return keep(request,
              Mmap::anonymous(request.length(), request.mode(), request.number("address"), request.options()));
}

std::string beneath(const Request& request) {
  drop(request.number("m"));
  return keep(request, Mmap::open_beneath(request.text("root"), request.text("path"), request.mode(), request.offset(),
                                          request.length(), request.options()));
}

std::string create(const Request& request) {
  drop(request.number("m"));
  return keep(request, Mmap::create(request.text("path"), request.mode(), request.length(), request.options()));
}

std::string named_create(const Request& request) {
  drop(request.number("m"));
  return keep(request, Mmap::create_named(request.text("name"), request.mode(), request.length()));
}

std::string named_open(const Request& request) {
  drop(request.number("m"));
  return keep(request, Mmap::open_named(request.text("name"), request.mode(), request.offset(), request.length()));
}

std::string sealed(const Request& request) {
  drop(request.number("m"));
  return keep(request, Mmap::open_sealed(request.length(), request.mode()));
}

std::string handover(const Request& request) {
  const auto to = request.number("to");
  drop(to);
  const auto fd = request.mmap().descriptor();
  if (!fd) return error(fd.error());
  auto opened = Mmap::from_fd(*fd, request.mode(), request.offset(), request.length());
  close_descriptor(*fd);
  if (!opened) return error(opened.error());
  objects.at(static_cast<std::size_t>(to)).emplace(std::move(*opened));
  return "ok";
}

std::string scoped(const Request& request) {
  std::string answer;
  {
    auto mmap = Mmap::open(request.text("path"), request.mode());
    if (!mmap) return error(mmap.error());
    const auto data = mmap->read_bytes(request.number("size"));
    if (!data) return error(data.error());
    answer = bytes(data->span());
  }
  return answer + " live=" + std::to_string(live());
}

std::string mode(const Request& request) {
  const auto mode = request.mmap().mode();
  return mode ? "ok n=" + std::to_string(std::to_underlying(*mode)) : error(mode.error());
}

std::string read(const Request& request) {
  const auto data = request.mmap().read_bytes(request.number("size"));
  return data ? bytes(data->span()) : error(data.error());
}

std::string read_at(const Request& request) {
  auto buffer = stdbind::Bytes::allocate(static_cast<std::size_t>(request.number("size")));
  if (!buffer) return error(buffer.error());
  const auto done = request.mmap().read_at(request.offset(), buffer->span());
  return done ? bytes(buffer->span()) : error(done.error());
}

std::string written(const Result<void>& done, const std::string& data) {
  return done ? "ok n=" + std::to_string(data.size()) : error(done.error());
}

std::string write(const Request& request) {
  const auto data = request.data();
  return written(request.mmap().write(data), data);
}

std::string write_text(const Request& request) {
  const auto text = request.text("text");
  return written(request.mmap().write(text), text);
}

std::string write_at(const Request& request) {
  const auto data = request.data();
  return written(request.mmap().write_at(request.offset(), std::as_bytes(std::span(data))), data);
}

std::string update(const Request& request) {
  const auto data = request.data();
  return written(request.mmap().update(request.offset(), std::as_bytes(std::span(data))), data);
}

std::string read_direct(const Request& request) {
  constexpr std::size_t unit = 4096;
  const auto size = static_cast<std::size_t>(request.number("size"));
  auto room = stdbind::Bytes::allocate(size > PTRDIFF_MAX - unit ? size : size + unit);
  if (!room) return error(room.error());
  auto* const data = room->data() + (unit - reinterpret_cast<std::uintptr_t>(room->data()) % unit);
  const auto count = stdbind::read_direct(request.text("path"), request.offset(), {data, size});
  return count ? bytes({data, static_cast<std::size_t>(*count)}) : error(count.error());
}

std::string flag(const Result<bool>& value) {
  return value ? std::string("ok value=") + (*value ? "1" : "0") : error(value.error());
}

std::string prefault(const Request& request) {
  request.loading().reset();
  auto started = request.mmap().prefault(request.offset(), request.length(), request.number("deadline", -1));
  if (!started) return error(started.error());
  request.loading().emplace(std::move(*started), request.number("m"));
  return "ok";
}

std::string seek(const Request& request) {
  const auto& whence = request.raw("whence");
  const auto from = whence == "set"   ? stdbind::Whence::set
                    : whence == "cur" ? stdbind::Whence::current
                                      : stdbind::Whence::end;
  return ok(request.mmap().seek(request.offset(), from), "pos");
}

std::string view(const Request& request) {
  auto view = request.mmap().view(request.offset(), request.length());
  if (!view) return error(view.error());
  const auto data = request.object().views.emplace_back(std::move(*view)).bytes();
  return bytes(data) + " address=" + std::to_string(reinterpret_cast<std::uintptr_t>(data.data()));
}

std::string unview(const Request& request) {
  auto& views = request.object().views;
  if (views.empty()) return ok(request.mmap().view_end(), "n");
  views.pop_back();
  return "ok";
}

std::string advise(const Request& request) {
  constexpr std::string_view names[] = {"normal", "sequential", "random", "will_need", "dont_need"};
  Number advice = 0;
  for (const auto name : names) {
    if (name == request.raw("advice")) break;
    ++advice;
  }
  return ok(request.mmap().advise(static_cast<stdbind::Advice>(advice), request.offset(), request.length()));
}

std::string exec(const Request& request) {
  const auto view = request.mmap().view(request.offset());
  if (!view) return error(view.error());
  const auto function = reinterpret_cast<Number (*)()>(reinterpret_cast<std::uintptr_t>(view->bytes().data()));
  return "ok value=" + std::to_string(function());
}

using Operation = std::function<std::string(const Request&)>;

const std::map<std::string, Operation> operations{
    {"hello", hello},
    {"bye", reset},
    {"reset", reset},
    {"live", [](const Request&) { return "ok n=" + std::to_string(live()); }},
    {"page_size", [](const Request&) { return ok(stdbind::page_size(), "n"); }},
    {"map", map},
    {"map_fd", map_fd},
    {"anon", anon},
    {"beneath", beneath},
    {"create", create},
    {"named_create", named_create},
    {"named_open", named_open},
    {"named_unlink", [](const Request& r) { return ok(Mmap::unlink_named(r.text("name"))); }},
    {"sealed", sealed},
    {"handover", handover},
    {"positioned_limit", [](const Request& r) { return ok(stdbind::set_positioned_limit(r.number("bytes")), "n"); }},
    {"scoped", scoped},
    {"len", [](const Request& r) { return ok(r.mmap().length(), "n"); }},
    {"mode", mode},
    {"is_mapped", [](const Request& r) { return flag(r.mmap().is_mapped()); }},
    {"is_stale", [](const Request& r) { return flag(r.mmap().is_stale()); }},
    {"read", read},
    {"write", write},
    {"write_text", write_text},
    {"read_at", read_at},
    {"write_at", write_at},
    {"update", update},
    {"read_direct", read_direct},
    {"seek", seek},
    {"tell", [](const Request& r) { return ok(r.mmap().tell(), "pos"); }},
    {"view", view},
    {"unview", unview},
    {"probe", [](const Request& r) { return ok(r.mmap().probe(r.offset(), r.length())); }},
    {"flush", [](const Request& r) { return ok(r.mmap().flush(r.offset(), r.length())); }},
    {"flush_async", [](const Request& r) { return ok(r.mmap().flush_async(r.offset(), r.length())); }},
    {"advise", advise},
    {"lock", [](const Request& r) { return ok(r.mmap().lock(r.offset(), r.length())); }},
    {"unlock", [](const Request& r) { return ok(r.mmap().unlock(r.offset(), r.length())); }},
    {"resident", [](const Request& r) { return ok(r.mmap().resident(r.offset(), r.length()), "n"); }},
    {"resize", [](const Request& r) { return ok(r.mmap().resize(r.length())); }},
    {"protect", [](const Request& r) { return ok(r.mmap().protect(r.mode())); }},
    {"make_executable", [](const Request& r) { return ok(r.mmap().make_executable()); }},
    {"prefault", prefault},
    {"prefault_done", [](const Request& r) { return ok(r.prefault().done(), "n"); }},
    {"prefault_total", [](const Request& r) { return ok(r.prefault().total(), "n"); }},
    {"prefault_wait", [](const Request& r) { return ok(r.prefault().wait(r.number("timeout", -1))); }},
    {"prefault_cancel", [](const Request& r) { return ok(r.prefault().cancel()); }},
    {"prefault_close", [](const Request& r) { return ok(r.prefault().close()); }},
    {"exec", exec},
    {"is_closed", [](const Request& r) { return std::string("ok value=") + (r.mmap().is_closed() ? "1" : "0"); }},
    {"close", [](const Request& r) { return ok(r.mmap().close()); }},
};

std::string serve(const Request& request) {
  const auto found = operations.find(request.operation);
  if (found == operations.end()) return "unsupported";
  static constexpr std::string_view opening[] = {"map",    "map_fd",       "anon",       "beneath",
                                                 "create", "named_create", "named_open", "sealed"};
  const bool opens = std::ranges::find(opening, request.operation) != std::end(opening);
  if (request.has("m") && !opens && !request.slot()) return "err closed os=0 message=";
  if (request.has("p") && request.operation != "prefault" && !request.loading()) return "err closed os=0 message=";
  return found->second(request);
}

}  // namespace

int main(int argc, char** argv) {
  prepare_streams();
  std::ifstream file;
  if (argc > 1) file.open(argv[1]);
  std::istream& input = argc > 1 ? file : std::cin;
  if (!input) {
    std::cerr << argv[1] << " cannot be read\n";
    return 1;
  }
  for (std::string line; std::getline(input, line);) {
    const Request request(line);
    std::cout << request.sequence << ' ' << serve(request) << std::endl;
    if (request.operation == "bye") break;
  }
  return 0;
}
