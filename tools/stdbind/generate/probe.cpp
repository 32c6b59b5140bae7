// Every answer lies in the object's data behind a marker of 16 bytes, so no object format needs to be known.
#include "probe.hpp"

#include <bit>
#include <cstdlib>
#include <cstring>

#include "files.hpp"
#include "process.hpp"

namespace stdbind::generate {
namespace {

// The marker: 12 fixed bytes that no compiler writes by itself, and the number of the answer.
constexpr unsigned char marker_start[12] = {0xd7, 0x53, 0x1e, 0x44, 0xb9, 0x8a, 0x02, 0xf6, 0x6c, 0x91, 0x3b, 0xe5};

std::string marker_code(std::size_t number) {
  std::string code = "{";
  for (const unsigned char byte : marker_start) code += std::to_string(byte) + ",";
  for (int shift = 24; shift >= 0; shift -= 8) code += std::to_string((number >> shift) & 255) + (shift ? "," : "}");
  return code;
}

std::string marker_bytes(std::size_t number) {
  std::string bytes(reinterpret_cast<const char*>(marker_start), sizeof marker_start);
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 255);
  return bytes;
}

// Reads `count` 64-bit words behind marker `number`. The first word is 1: it tells the byte order.
class Answers {
 public:
  Answers(const std::string& object, std::size_t number) : object_(object) {
    at_ = object.find(marker_bytes(number));
    if (at_ == std::string::npos) work_failure("the compiler's object file does not contain the probe's answers");
    at_ += 16;
    swap_ = raw() != 1;
  }
  std::uint64_t word() { return swap_ ? __builtin_bswap64(raw()) : raw(); }
  std::string bytes(std::size_t count) { return object_.substr(at_, count); }

 private:
  std::uint64_t raw() {
    if (at_ + 8 > object_.size()) work_failure("the probe's answers in the object file are cut off");
    std::uint64_t value = 0;
    std::memcpy(&value, object_.data() + at_, 8);
    at_ += 8;
    return value;
  }
  const std::string& object_;
  std::size_t at_ = 0;
  bool swap_ = false;
};

std::string answer(std::size_t number, const std::vector<std::string>& words, const std::string& type = "long long") {
  std::string code = "const struct { unsigned char marker[16]; long long one; " + type + " words[" +
                     std::to_string(words.size()) + "]; } stdbind_probe_" + std::to_string(number) + " = {" +
                     marker_code(number) + ", 1, {";
  for (const auto& word : words) code += word + ",\n";
  return code + "}};\n";
}

// Code that compiles only if the expression is an integer that is known now: of an integer type (the classes 1 to 4),
// and neither a variable nor an address.
std::string constant_integer(const std::string& expression, const std::string& name) {
  const std::string kind = "__builtin_classify_type(" + expression + ")";
  return "char " + name + "[" + kind + " >= 1 && " + kind + " <= 4 ? 1 : -1]; enum { " + name + "_value = (int)(" +
         expression + ") };";
}

}  // namespace

std::vector<bool> Probe::failing(const std::vector<std::string>& lines) const {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "probe.c").string();
  std::string code = preamble_ + "\n#line 1 \"stdbind-probe\"\n";
  for (const auto& line : lines) code += line + "\n";
  write_file(file, code);
  std::vector<std::string> command = {compiler_.program,          "-fsyntax-only", "-w", "-xc", "-fmax-errors=0",
                                      "-fdiagnostics-color=never"};
  for (const auto& word : compiler_.arguments()) command.push_back(word);
  command.push_back(file);
  const Ran ran = run(command);
  std::vector<bool> failed(lines.size(), false);
  constexpr std::string_view mark = "stdbind-probe:";
  for (std::size_t at = ran.err.find(mark); at != std::string::npos; at = ran.err.find(mark, at + 1)) {
    const std::size_t end = ran.err.find('\n', at);
    const std::string message = ran.err.substr(at, end - at);
    // An error inside of a macro is reported where the macro is defined, with a note that names our line.
    if (message.find("error:") == std::string::npos && message.find("in expansion of macro") == std::string::npos)
      continue;
    const long number = std::strtol(ran.err.c_str() + at + mark.size(), nullptr, 10);
    if (number >= 1 && static_cast<std::size_t>(number) <= failed.size())
      failed[static_cast<std::size_t>(number - 1)] = true;
  }
  return failed;
}

std::string Probe::object(const std::string& code) const {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "probe.c").string();
  const std::string out = (folder.path() / "probe.o").string();
  write_file(file, preamble_ + "\n" + code);
  std::vector<std::string> command = {compiler_.program, "-c", "-w", "-O0", "-xc", "-o", out};
  for (const auto& word : compiler_.arguments()) command.push_back(word);
  command.push_back(file);
  const Ran ran = run(command);
  if (ran.status != 0) work_failure("the probe does not compile:\n" + ran.err);
  return read_file(out).value_or("");
}

void Probe::check(const std::string& header) const {
  const TemporaryFolder folder;
  const std::string file = header.empty() ? (folder.path() / "probe.c").string() : header;
  if (header.empty()) write_file(file, preamble_ + "\n");
  std::vector<std::string> command = {compiler_.program, "-fsyntax-only", "-w", "-xc", "-fdiagnostics-color=never"};
  for (const auto& word : compiler_.arguments()) command.push_back(word);
  command.push_back(file);
  const Ran ran = run(command);
  if (ran.status == 127) {
    usage_failure("the C compiler " + compiler_.program + " cannot be started; install one or name it with --compiler");
  }
  if (ran.status != 0) {
    work_failure(
        "the C compiler does not accept the interface; correct it, or add missing folders with --include and "
        "macros with --define\n" +
        ran.err);
  }
}

std::map<std::string, MacroValue> Probe::macros(const std::vector<std::string>& names) const {
  using Kind = MacroValue::Kind;
  std::vector<std::string> lines;
  lines.reserve(4 * names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string in = "(" + names[i] + ")";
    const std::string number = std::to_string(i);
    const auto line = [&](const char* before, const char* behind, const std::string& end) {
      return std::string(before).append(number).append(behind).append(in).append(end);
    };
    lines.push_back(line("void stdbind_a", "(void) { (void)", "; }"));
    lines.push_back(constant_integer(names[i], "stdbind_b" + number));
    lines.push_back(line("const char stdbind_c", "[] = ", ";"));
    lines.push_back(line("char stdbind_d", "[__builtin_classify_type", " == 8 ? 1 : -1]; ") +
                    line("const double stdbind_e", " = ", ";"));
  }
  const auto failed = failing(lines);
  std::map<std::string, MacroValue> values;
  std::vector<std::string> integers;
  std::vector<std::string> reals;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    MacroValue& value = values[names[i]];
    if (failed[4 * i]) continue;
    value.kind = !failed[4 * i + 1]   ? Kind::integer
                 : !failed[4 * i + 2] ? Kind::text
                 : !failed[4 * i + 3] ? Kind::real
                                      : Kind::expression;
    if (value.kind == Kind::integer) integers.push_back(names[i]);
    if (value.kind == Kind::real) reals.push_back(names[i]);
    if (value.kind == Kind::text) texts.push_back(names[i]);
  }
  std::string code;
  std::vector<std::string> words;
  for (const auto& name : integers) {
    words.push_back("(long long)(" + name + ")");
    words.push_back("(__typeof__((" + name + ") + 0))-1 > 0");
  }
  if (!words.empty()) code += answer(1, words);
  if (!reals.empty()) code += answer(2, reals, "double");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string n = std::to_string(3 + i);
    code += "const struct { unsigned char marker[16]; long long one, size; char text[sizeof(" + texts[i] +
            ")]; } stdbind_probe_" + n + " = {" + marker_code(3 + i) + ", 1, sizeof(" + texts[i] + "), " + texts[i] +
            "};\n";
  }
  if (code.empty()) return values;
  const std::string bytes = object(code);
  if (!words.empty()) {
    Answers answers(bytes, 1);
    for (const auto& name : integers) {
      values[name].integer = static_cast<std::int64_t>(answers.word());
      values[name].is_unsigned = answers.word() != 0;
    }
  }
  if (!reals.empty()) {
    Answers answers(bytes, 2);
    for (const auto& name : reals) values[name].real = std::bit_cast<double>(answers.word());
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Answers answers(bytes, 3 + i);
    const std::size_t size = answers.word();
    values[texts[i]].text = answers.bytes(size > 0 ? size - 1 : 0);
  }
  return values;
}

std::map<std::string, std::int64_t> Probe::integers(const std::vector<std::string>& expressions) const {
  // A compiler may report an unknown name only once, so the good ones are asked again until none fails.
  std::vector<std::string> good = expressions;
  for (bool again = true; again && !good.empty();) {
    std::vector<std::string> lines;
    lines.reserve(good.size());
    for (std::size_t i = 0; i < good.size(); ++i) {
      lines.push_back(constant_integer(good[i], "stdbind_x" + std::to_string(i)));
    }
    const auto failed = failing(lines);
    std::vector<std::string> left;
    for (std::size_t i = 0; i < good.size(); ++i) {
      if (!failed[i]) left.push_back(good[i]);
    }
    again = left.size() < good.size();
    good = std::move(left);
  }
  std::vector<std::string> words;
  words.reserve(good.size());
  for (const auto& expression : good) words.push_back("(long long)(" + expression + ")");
  std::map<std::string, std::int64_t> values;
  if (good.empty()) return values;
  const std::string bytes = object(answer(1, words));
  Answers answers(bytes, 1);
  for (const auto& expression : good) values[expression] = static_cast<std::int64_t>(answers.word());
  return values;
}

}  // namespace stdbind::generate
