// The conformance adapter for C++: the protocol over stdbind/mmap.hpp. It passes on what the library answers.
#include <system.h>

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

std::array<std::optional<Object>, 16> objects;

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
  std::optional<Object>& slot() const { return objects.at(static_cast<std::size_t>(number("m"))); }
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

// Only the flat interface counts handles; here every open object is one.
Number live() {
  Number count = 0;
  for (const auto& object : objects) count += object && !object->mmap.is_closed() ? 1 : 0;
  return count;
}

std::string hello(const Request&) {
  const auto page = stdbind::page_size();
  return "ok language=cpp abi=1 page=" + std::to_string(page.value_or(0)) + " tool=" + percent("C++ " __VERSION__);
}

std::string reset(const Request&) {
  objects = {};
  return "ok live=" + std::to_string(live());
}

std::string map(const Request& request) {
  request.slot().reset();
  return keep(request, Mmap::open(request.text("path"), request.mode(), request.offset(), request.length(),
                                  request.number("address")));
}

std::string map_fd(const Request& request) {
  request.slot().reset();
  const int fd = open_descriptor(request.text("path").c_str(), request.raw("access") == "rw" ? 1 : 0);
  auto opened = Mmap::from_fd(fd, request.mode(), request.offset(), request.length(), request.number("address"));
  if (fd >= 0) close_descriptor(fd);
  return keep(request, std::move(opened));
}

std::string anon(const Request& request) {
  request.slot().reset();
  return keep(request, Mmap::anonymous(request.length(), request.mode(), request.number("address")));
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
    {"scoped", scoped},
    {"len", [](const Request& r) { return ok(r.mmap().length(), "n"); }},
    {"mode", mode},
    {"read", read},
    {"write", write},
    {"write_text", write_text},
    {"read_at", read_at},
    {"write_at", write_at},
    {"seek", seek},
    {"tell", [](const Request& r) { return ok(r.mmap().tell(), "pos"); }},
    {"view", view},
    {"unview", unview},
    {"probe", [](const Request& r) { return ok(r.mmap().probe(r.offset(), r.length())); }},
    {"flush", [](const Request& r) { return ok(r.mmap().flush(r.offset(), r.length())); }},
    {"advise", advise},
    {"exec", exec},
    {"is_closed", [](const Request& r) { return std::string("ok value=") + (r.mmap().is_closed() ? "1" : "0"); }},
    {"close", [](const Request& r) { return ok(r.mmap().close()); }},
};

std::string serve(const Request& request) {
  const auto found = operations.find(request.operation);
  if (found == operations.end()) return "unsupported";
  const bool opens = request.operation == "map" || request.operation == "map_fd" || request.operation == "anon";
  if (request.has("m") && !opens && !request.slot()) return "err closed os=0 message=";
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
