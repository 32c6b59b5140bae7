// The words of a line, and the steps on the directory of a case. Names never lead out of that directory.
#include "conform/case_words.hpp"

#include <algorithm>
#include <filesystem>

#include "conform/protocol.hpp"
#include "conform/text.hpp"
#include "conform/values.hpp"

namespace stdbind::conform {
namespace {

using Problem = std::unexpected<std::string>;
using Action = decltype(Step::action);
using What = DiskAction::What;

constexpr std::int64_t most_tmpfs = std::int64_t{64} << 20;

std::expected<std::string, std::string> parse_name(const Word& word) {
  if (!word.key.empty()) return Problem("a file name was expected before " + word.key + "=");
  auto name = percent_decode(word.text);
  if (!name) return name;
  const std::filesystem::path path(*name);
  if (name->empty() || path.is_absolute() || std::ranges::find(path, "..") != path.end())
    return Problem("`" + word.text + "` must name something in the directory of the case");
  return name;
}

std::expected<std::int64_t, std::string> size_of(const Word& word, std::int64_t page_size) {
  if (!word.key.empty()) return Problem("a plain number was expected, not " + word.key + "=");
  const auto number = parse_number(word.text, page_size);
  if (number && *number < 0) return Problem("sizes and offsets are not negative here");
  return number;
}

std::expected<std::string, std::string> bytes_of(const Word& word, std::int64_t page_size) {
  if (!word.key.empty()) return Problem("bytes were expected, not " + word.key + "= (an = in text: is %3D)");
  return parse_bytes(word.text, page_size);
}

std::expected<Action, std::string> parse_sparse(const std::vector<Word>& words, DiskAction action,
                                                std::int64_t page_size) {
  if (words.size() < 3) return Problem("sparse needs a size: sparse NAME SIZE [OFFSET=BYTES]…");
  const auto size = size_of(words[2], page_size);
  if (!size) return Problem(size.error());
  action.number = *size;
  for (std::size_t i = 3; i < words.size(); ++i) {
    const auto offset = parse_number(words[i].key, page_size);
    if (!offset) return Problem("sparse NAME SIZE [OFFSET=BYTES]…: " + offset.error());
    const auto bytes = parse_bytes(words[i].text, page_size);
    if (!bytes) return Problem(bytes.error());
    if (*offset < 0 || *offset + static_cast<std::int64_t>(bytes->size()) > action.number)
      return Problem("the bytes at " + words[i].key + " do not lie within the file");
    action.parts.emplace_back(*offset, *bytes);
  }
  return action;
}

std::expected<Action, std::string> parse_making(const std::vector<Word>& words, What what, std::int64_t page_size) {
  DiskAction action{};
  action.what = what;
  if (words.size() < 2) return Problem(words[0].text + " needs a name");
  const auto name = parse_name(words[1]);
  if (!name) return Problem(name.error());
  action.name = *name;
  if (what == What::Sparse) return parse_sparse(words, action, page_size);
  const bool more = what == What::File || what == What::Symlink || what == What::Tmpfs;
  if (words.size() != (more ? 3U : 2U))
    return Problem(what == What::File      ? "file NAME BYTES (an empty file: file NAME \"\")"
                   : what == What::Symlink ? "symlink NAME TARGET"
                   : what == What::Tmpfs   ? "tmpfs NAME SIZE"
                                           : words[0].text + " NAME");
  if (what == What::File) {
    const auto bytes = bytes_of(words[2], page_size);
    if (!bytes) return Problem(bytes.error());
    action.bytes = *bytes;
  } else if (what == What::Symlink) {
    // It may lead anywhere: where it does is what a case is about.
    const auto target = percent_decode(words[2].text);
    if (!target) return Problem(target.error());
    if (target->empty() || !words[2].key.empty()) return Problem("symlink NAME TARGET");
    action.target = *target;
  } else if (what == What::Tmpfs) {
    const auto size = size_of(words[2], page_size);
    if (!size) return Problem(size.error());
    if (*size < page_size || *size > most_tmpfs) return Problem("a tmpfs has from one page to 64 MiB");
    action.number = *size;
  }
  return action;
}

struct OutsideForm {
  std::string_view verb;
  What what;
  std::string_view usage;
  std::size_t words;
};

constexpr OutsideForm outside_forms[] = {
    {"truncate", What::Truncate, "outside truncate NAME SIZE", 4},
    {"unlink", What::Unlink, "outside unlink NAME", 3},
    {"append", What::Append, "outside append NAME BYTES", 4},
    {"write", What::Write, "outside write NAME OFFSET BYTES", 5},
    {"chmod", What::Chmod, "outside chmod NAME OCTAL", 4},
    {"rename", What::Rename, "outside rename NAME NEW_NAME", 4},
    {"replace", What::Replace, "outside replace NAME BYTES", 4},
    {"fill-disk", What::FillDisk, "outside fill-disk NAME LEFT, NAME lies in a tmpfs of the case", 4},
};

std::expected<Action, std::string> parse_outside(const std::vector<Word>& words, std::int64_t page_size) {
  const auto* form =
      words.size() < 2 ? std::end(outside_forms) : std::ranges::find(outside_forms, words[1].text, &OutsideForm::verb);
  if (form == std::end(outside_forms))
    return Problem("outside does truncate, unlink, append, write, chmod, rename, replace or fill-disk");
  if (words.size() != form->words) return Problem(std::string(form->usage));
  DiskAction action{};
  action.what = form->what;
  const auto name = parse_name(words[2]);
  if (!name) return Problem(name.error());
  action.name = *name;
  if (form->what == What::Rename) {
    const auto target = parse_name(words[3]);
    if (!target) return Problem(target.error());
    action.target = *target;
  } else if (form->what == What::Chmod) {
    const std::string& digits = words[3].text;
    if (digits.empty() || digits.size() > 4 || digits.find_first_not_of("01234567") != std::string::npos)
      return Problem("permissions are octal, such as 0444");
    action.number = std::stol(digits, nullptr, 8);
  } else if (form->what == What::Truncate || form->what == What::Write || form->what == What::FillDisk) {
    const auto number = size_of(words[3], page_size);
    if (!number) return Problem(number.error());
    action.number = *number;
  }
  if (form->what == What::Append || form->what == What::Write || form->what == What::Replace) {
    const auto bytes = bytes_of(words.back(), page_size);
    if (!bytes) return Problem(bytes.error());
    action.bytes = *bytes;
  }
  return action;
}

std::expected<Action, std::string> parse_disk(const std::vector<Word>& words, std::int64_t page_size) {
  constexpr std::string_view usage =
      "disk NAME BYTES, disk NAME at=OFFSET BYTES, disk NAME size=N, disk NAME allocated=N or disk NAME gone";
  if (words.size() < 3) return Problem(std::string(usage));
  DiskCheck check;
  const auto name = parse_name(words[1]);
  if (!name) return Problem(name.error());
  check.name = *name;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const Word& word = words[i];
    if (word.key.empty() && word.text == "gone" && words.size() == 3) {
      check.gone = true;
    } else if (word.key == "size" || word.key == "at" || word.key == "allocated") {
      const auto number = parse_number(word.text, page_size);
      if (!number) return Problem(number.error());
      if (word.key == "size")
        check.size = *number;
      else if (word.key == "allocated")
        check.allocated = *number;
      else
        check.offset = *number;
    } else if (word.key.empty() && i + 1 == words.size()) {
      const auto bytes = parse_bytes(word.text, page_size);
      if (!bytes) return Problem(bytes.error());
      check.bytes = *bytes;
    } else {
      return Problem(std::string(usage));
    }
  }
  if (check.offset >= 0 && !check.bytes) return Problem(std::string(usage));
  return check;
}

std::expected<Action, std::string> parse_listing(const std::vector<Word>& words) {
  Listing listing;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto name = parse_name(words[i]);
    if (!name) return Problem(name.error());
    listing.names.push_back(*name);
  }
  std::ranges::sort(listing.names);
  return listing;
}

std::expected<Action, std::string> parse_limit(const std::vector<Word>& words, std::int64_t page_size) {
  using Kind = Limit::What;
  using Named = std::pair<std::string_view, Kind>;
  constexpr Named kinds[] = {{"nofile", Kind::Descriptors},
                                                         {"as", Kind::AddressSpace},
                                                         {"memlock", Kind::LockedMemory},
                                                         {"fsize", Kind::FileSize}};
  const auto* kind = words.size() != 2 ? std::end(kinds) : std::ranges::find(kinds, words[1].key, &Named::first);
  if (kind == std::end(kinds))
    return Problem("limit nofile=N, as=BYTES or memlock=BYTES: how much more the adapter may use; or fsize=BYTES");
  const auto number = parse_number(words[1].text, page_size);
  if (!number) return Problem(number.error());
  if (*number < 0) return Problem("a limit is not negative");
  return Limit{kind->second, *number};
}

bool one_of(const std::string& text, std::string_view words) { return has_word(words, text); }

std::expected<Argument, std::string> wire(Argument argument, const std::expected<std::int64_t, std::string>& number) {
  if (!number) return Problem(argument.key + "=: " + number.error());
  argument.value = std::to_string(*number);
  return argument;
}

// A name of shared memory: made one of this run alone, unless it must go over the line exactly as it stands.
std::expected<Argument, std::string> parse_shared_name(Argument argument) {
  constexpr std::string_view exactly = "exactly:";
  const bool exact = argument.value.starts_with(exactly);
  auto bytes = percent_decode(exact ? argument.value.substr(exactly.size()) : argument.value);
  if (!bytes) return Problem("name=: " + bytes.error());
  if (exact) {
    argument.value = percent_encode(*bytes);
    return argument;
  }
  if (bytes->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", bytes->starts_with('/') ? 1 : 0) !=
      std::string::npos)
    return Problem("name= has lower-case letters, digits and -; write any other name as name=exactly:NAME");
  argument.kind = Argument::Kind::SharedName;
  argument.value = *bytes;
  return argument;
}

}  // namespace

std::expected<std::vector<Word>, std::string> split_words(std::string_view line) {
  std::vector<Word> words;
  std::size_t i = 0;
  for (;;) {
    while (i < line.size() && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r')) ++i;
    if (i >= line.size() || line[i] == '#') return words;
    Word word;
    bool quoted = false;
    bool keyed = false;
    for (; i < line.size() && (quoted || (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')); ++i) {
      if (line[i] == '"') {
        quoted = !quoted;
      } else if (line[i] == '=' && !quoted && !keyed) {
        if (word.text.empty()) return Problem("nothing stands before =");
        keyed = true;
        word.key = std::move(word.text);
        word.text.clear();
      } else {
        word.text += line[i];
      }
    }
    if (quoted) return Problem("a quote is not closed");
    words.push_back(std::move(word));
  }
}

std::expected<Argument, std::string> parse_argument(const Word& word, std::int64_t page_size) {
  Argument argument{word.key, word.text};
  const std::string& key = word.key;
  const auto choice = [&](std::string_view words) -> std::expected<Argument, std::string> {
    if (!one_of(word.text, words)) return Problem(key + "= must be one of: " + std::string(words));
    return argument;
  };
  if (key == "path" || key == "root") {
    argument.kind = Argument::Kind::Path;
    auto bytes = percent_decode(word.text);
    if (!bytes) return Problem(key + "=: " + bytes.error());
    argument.value = *bytes;
    return argument;
  }
  if (key == "name") return parse_shared_name(argument);
  if (key == "options") return wire(argument, parse_options(word.text));
  if (key == "mode") return wire(argument, parse_mode(word.text));
  if (key == "access") return choice("r rw");
  if (key == "whence") return choice("set cur end");
  if (key == "advice") return choice("normal sequential random will_need dont_need");
  if (key == "data" || key == "text") {
    auto bytes = key == "data" ? parse_request_bytes(word.text, page_size) : percent_decode(word.text);
    if (!bytes) return Problem(key + "=: " + bytes.error());
    argument.value = key == "data" ? *bytes : percent_encode(*bytes);
    return argument;
  }
  if (key == "address" && word.text == "free") {
    argument.kind = Argument::Kind::FreeAddress;
    return argument;
  }
  if (key == "address" && word.text == "taken") {
    argument.kind = Argument::Kind::TakenAddress;
    return argument;
  }
  return wire(argument, parse_number(word.text, page_size));
}

std::expected<Expectation, std::string> parse_expectation(const Word& word, std::int64_t page_size) {
  Expectation expected;
  expected.key = word.key;
  if (word.key == "data") {
    auto bytes = parse_bytes(word.text, page_size);
    if (!bytes) return Problem("data=: " + bytes.error());
    expected.bytes = std::move(*bytes);
    return expected;
  }
  if (word.key == "address" && word.text == "free") {
    expected.free_address = true;
    return expected;
  }
  const auto number = parse_number(word.text, page_size);
  if (!number) return Problem(word.key + "=: " + number.error());
  expected.value = std::to_string(*number);
  return expected;
}

std::expected<std::int64_t, std::string> parse_within(const Word& word) {
  constexpr std::int64_t longest = 10000;
  const auto number = to_number(word.text);
  if (number && *number >= 1 && *number <= longest) return *number;
  return Problem("within= is a number of milliseconds, from 1 to " + std::to_string(longest));
}

std::expected<MappingCheck, std::string> parse_mapping_fields(const std::vector<Word>& words, std::int64_t page_size) {
  using Kind = MappingCheck::What;
  MappingCheck check;
  const std::string& verb = words[0].text;
  check.what = verb == "mapped"     ? Kind::Mapped
               : verb == "unmapped" ? Kind::Unmapped
               : verb == "clean"    ? Kind::Clean
               : verb == "sealed"   ? Kind::Sealed
                                    : Kind::Dirty;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto& [key, text] = words[i];
    constexpr std::string_view fields =
        "protection offset length advice resident address locked huge aligned descriptors";
    const bool known = (check.what != Kind::Sealed && one_of(key, "file within")) ||
                       (check.what == Kind::Unmapped && key == "descriptors") ||
                       (check.what == Kind::Mapped && one_of(key, fields));
    if (!known) return Problem(verb + " has no field `" + (key.empty() ? text : key + "=") + "`");
    if (key == "file") {
      auto name = parse_name({"", text});
      if (!name) return Problem(name.error());
      check.file = std::move(*name);
    } else if (key == "within") {
      const auto within = parse_within(words[i]);
      if (!within) return Problem(within.error());
      check.within = *within;
    } else if (key == "protection") {
      const bool form = text.size() == 4 && (text[0] == 'r' || text[0] == '-') && (text[1] == 'w' || text[1] == '-') &&
                        (text[2] == 'x' || text[2] == '-') && (text[3] == 's' || text[3] == 'p');
      if (!form) return Problem("protection= is written as in /proc/PID/maps, such as rw-s");
      check.protection = text;
    } else if (key == "advice") {
      if (!one_of(text, "normal sequential random"))
        return Problem("the system only shows normal, sequential and random");
      check.advice = text;
    } else if (key == "resident") {
      if (!one_of(text, "none all")) return Problem("resident= is none or all");
      check.resident = text;
    } else if (key == "locked") {
      if (!one_of(text, "yes no")) return Problem("locked= is yes or no");
      check.locked = text;
    } else if (key == "huge") {
      if (!one_of(text, "no asked pool")) return Problem("huge= is no, asked or pool");
      check.huge = text;
    } else if (key == "address") {
      if (!one_of(text, "free taken")) return Problem("address= is free or taken here");
      check.free_address = text == "free";
      check.taken_address = text == "taken";
    } else {
      const auto number = parse_number(text, page_size);
      if (!number) return Problem(key + "=: " + number.error());
      if (key == "aligned" && *number < 1) return Problem("aligned= is at least 1");
      (key == "offset"    ? check.offset
       : key == "length"  ? check.length
       : key == "aligned" ? check.aligned
                          : check.descriptors) = *number;
    }
  }
  return check;
}

std::expected<Action, std::string> parse_plain_action(const std::vector<Word>& words, std::int64_t page_size) {
  const std::string& verb = words[0].text;
  if (!words[0].key.empty()) return Problem("a line begins with a verb, not with " + words[0].key + "=");
  if (verb == "file") return parse_making(words, What::File, page_size);
  if (verb == "sparse") return parse_making(words, What::Sparse, page_size);
  if (verb == "directory") return parse_making(words, What::Directory, page_size);
  if (verb == "symlink") return parse_making(words, What::Symlink, page_size);
  if (verb == "fifo") return parse_making(words, What::Fifo, page_size);
  if (verb == "socket") return parse_making(words, What::Socket, page_size);
  if (verb == "tmpfs") return parse_making(words, What::Tmpfs, page_size);
  if (verb == "outside") return parse_outside(words, page_size);
  if (verb == "disk") return parse_disk(words, page_size);
  if (verb == "listing") return parse_listing(words);
  if (verb == "limit") return parse_limit(words, page_size);
  if (verb == "unprivileged") {
    if (words.size() != 1) return Problem("unprivileged stands alone");
    return Unprivileged{};
  }
  return Problem(
      "`" + verb +
      "` is no verb: case, do, fail, until, file, sparse, directory, symlink, fifo, socket, tmpfs, outside, disk, "
      "listing, mapped, unmapped, clean, dirty, sealed, peer, kill, limit, unprivileged");
}

}  // namespace stdbind::conform
