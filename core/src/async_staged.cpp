// StagedFiles: loads in their order, and found again by the file that they are of. Entries never move.
#include <stdbind/async.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "checks.hpp"
#include "loader.hpp"
#include "opening.hpp"

namespace stdbind {

using detail::fail;

namespace detail {

/// What has to be the same for a load to be used again.
struct StagingKey {
  bool known = false;  ///< whether the file has an identity; otherwise its path is compared
  platform::FileIdentity identity;
  Mode mode = Mode::none;
  OpenOptions options = OpenOptions::none;
  LoadOptions load_options = LoadOptions::none;
  bool operator==(const StagingKey&) const = default;
};

struct StagedFile {
  StagingKey key;
  AsyncFile file;
  StagedFile* same_bucket = nullptr;
};

/// Room for as many entries as buckets, in one block: the entries in their order, and the first one of each bucket.
struct Staged {
  StagedFile** entries = nullptr;
  StagedFile** buckets = nullptr;
  std::size_t count = 0;
  std::size_t room = 0;  ///< a power of two, or 0
};

}  // namespace detail

namespace {

using detail::Staged;
using detail::StagedFile;
using detail::StagingKey;

std::size_t bucket_of(const StagingKey& key, std::string_view path, std::size_t room) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a, of the path or of the two numbers
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 0x100000001B3U; };
  if (key.known) {
    mix(key.identity.device);
    mix(key.identity.number);
  } else {
    for (const char byte : path) mix(static_cast<unsigned char>(byte));
  }
  return static_cast<std::size_t>(hash ^ hash >> 32U) & (room - 1);
}

/// Empty once its file was closed: then it is not looked for any more.
std::string_view path_of(const StagedFile& entry) noexcept {
  const detail::Job* const job = detail::AsyncAccess::job(entry.file);
  return job == nullptr ? std::string_view() : job->text();
}

void put_into_bucket(Staged& staged, StagedFile& entry) noexcept {
  StagedFile*& first = staged.buckets[bucket_of(entry.key, path_of(entry), staged.room)];
  entry.same_bucket = first;
  first = &entry;
}

bool has_no_content(const AsyncFile& file) noexcept {
  const auto state = file.state();
  return !state || *state == LoadState::failed || *state == LoadState::cancelled;
}

StagedFile* find(const Staged& staged, const StagingKey& key, std::string_view path) noexcept {
  if (staged.room == 0) return nullptr;
  for (StagedFile* entry = staged.buckets[bucket_of(key, path, staged.room)]; entry != nullptr;
       entry = entry->same_bucket) {
    if (entry->key != key || (!key.known && path_of(*entry) != path)) continue;
    if (!entry->file.is_closed() && !has_no_content(entry->file)) return entry;
  }
  return nullptr;
}

/// Makes room for one more. False if no memory is left.
bool grow(Staged& staged) noexcept {
  if (staged.count < staged.room) return true;
  const std::size_t room = std::max(staged.room * 2, std::size_t{16});
  auto** const block = static_cast<StagedFile**>(std::calloc(2 * room, sizeof(StagedFile*)));
  if (block == nullptr) return false;
  std::copy(staged.entries, staged.entries + staged.count, block);
  std::free(staged.entries);
  staged.entries = block;
  staged.buckets = block + room;
  staged.room = room;
  for (std::size_t i = 0; i < staged.count; ++i) put_into_bucket(staged, *staged.entries[i]);
  return true;
}

std::unexpected<Error> no_memory() noexcept { return fail(ErrorKind::no_memory, {"stage: no memory is left"}); }

StagingKey key_of(const detail::PathText& path, Mode mode, OpenOptions options, LoadOptions load_options) noexcept {
  StagingKey key{.known = false, .identity = {}, .mode = mode, .options = options, .load_options = load_options};
  if (const auto identity = platform::file_identity(path.data()); identity) {
    key.known = true;
    key.identity = *identity;
  }
  return key;
}

}  // namespace

StagedFiles::~StagedFiles() {
  if (staged_ == nullptr) return;
  // All are cancelled before the first is waited for.
  for (std::size_t i = 0; i < staged_->count; ++i) {
    [[maybe_unused]] const auto closed_before = staged_->entries[i]->file.cancel();
  }
  for (std::size_t i = 0; i < staged_->count; ++i) {
    std::destroy_at(staged_->entries[i]);
    std::free(staged_->entries[i]);
  }
  std::free(staged_->entries);
  std::free(staged_);
}

Result<AsyncFile*> StagedFiles::open(std::string_view path, Mode mode, OpenOptions options,
                                     LoadOptions load_options) noexcept {
  detail::PathText text;  // NOLINT: filled below
  if (const auto copied = detail::copy_path("stage", path, text); !copied) return std::unexpected(copied.error());
  if (staged_ == nullptr) {
    void* const storage = std::malloc(sizeof(Staged));
    if (storage == nullptr) return no_memory();
    staged_ = new (storage) Staged;
  }
  const StagingKey key = key_of(text, mode, options, load_options);
  if (StagedFile* const entry = find(*staged_, key, path); entry != nullptr) return &entry->file;
  if (!grow(*staged_)) return no_memory();
  auto file = AsyncFile::open(path, mode, options, load_options);
  if (!file) return std::unexpected(file.error());
  void* const storage = std::malloc(sizeof(StagedFile));
  if (storage == nullptr) return no_memory();
  auto* const entry = new (storage) StagedFile{.key = key, .file = std::move(*file)};
  put_into_bucket(*staged_, *entry);
  staged_->entries[staged_->count++] = entry;
  return &entry->file;
}

std::int64_t StagedFiles::size() const noexcept {
  return staged_ == nullptr ? 0 : static_cast<std::int64_t>(staged_->count);
}

Result<AsyncFile*> StagedFiles::at(std::int64_t index) const noexcept {
  if (index < 0 || index >= size()) {
    return fail(ErrorKind::out_of_bounds, {"staged at: there are ", size(), " files, and no number ", index});
  }
  return &staged_->entries[index]->file;
}

Result<void> StagedFiles::wait_all(std::int64_t timeout_ms) noexcept {
  if (timeout_ms < -1) {
    return fail(ErrorKind::invalid_argument,
                {"staged wait_all: a timeout of ", timeout_ms, " ms is negative; -1 waits for ever"});
  }
  const std::int64_t until = timeout_ms == -1 ? platform::never : platform::time_after(timeout_ms);
  const auto left = [&] { return timeout_ms == -1 ? -1 : std::max(until - platform::milliseconds(), std::int64_t{0}); };
  const auto count = static_cast<std::size_t>(size());
  std::int64_t late = 0;
  // Lazy ones are started all before the first is waited for.
  for (std::size_t i = 0; i < count; ++i) {
    [[maybe_unused]] const auto looked = staged_->entries[i]->file.wait(0);
  }
  for (std::size_t i = 0; i < count; ++i) {
    AsyncFile& file = staged_->entries[i]->file;
    [[maybe_unused]] const auto its_own = file.wait(left());
    const auto state = file.state();
    if (state && !detail::has_ended(*state)) ++late;
  }
  if (late == 0) return {};
  return fail(ErrorKind::timeout,
              {"staged wait_all: after ", timeout_ms, " ms ", late, " of ", count, " files are still being loaded"});
}

std::int64_t StagedFiles::ready() const noexcept {
  const auto is_ready = [](const StagedFile* entry) { return entry->file.is_ready().value_or(false); };
  return staged_ == nullptr ? 0 : std::count_if(staged_->entries, staged_->entries + staged_->count, is_ready);
}

std::int64_t StagedFiles::errors() const noexcept {
  const auto has_failed = [](const StagedFile* entry) { return has_no_content(entry->file); };
  return staged_ == nullptr ? 0 : std::count_if(staged_->entries, staged_->entries + staged_->count, has_failed);
}

}  // namespace stdbind
