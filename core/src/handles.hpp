// Numbers for objects that cross a foreign-function interface. A number is {type, slot, generation}; each slot has one
// atomic word {generation, live, closing, alone, references}, so that any number can be checked without touching an
// object, and a call in flight keeps its object alive while another thread closes it. Only a call that must be alone
// with its object makes others wait; that is rare and short, so they sleep and look again.
#ifndef STDBIND_HANDLES_HPP
#define STDBIND_HANDLES_HPP

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "platform/platform.hpp"

namespace stdbind {

/// How many objects of all tables are alive.
inline constinit std::atomic<std::int64_t> live_handles{0};

/// What a number stands for.
enum class HandleState {
  open,
  closed,  ///< it was issued, and closed since
  never    ///< it was never issued by this table
};

/// All handles of one type. A table is never destroyed: it has to be a static object.
/// LastGeneration is how often a slot is used before it is left alone for ever, so that no number comes twice.
template <class T, unsigned Type, std::uint32_t LastGeneration = 0xFFFFFFFF, std::size_t Chunks = 4096>
class HandleTable {
  static_assert(Type >= 1 && Type < 16);
  static constexpr std::size_t chunk_slots = 256;
  static constexpr std::size_t slots = Chunks * chunk_slots;
  static_assert(slots <= 1U << 20U);

  static constexpr std::uint64_t live = 1ULL << 31U;
  static constexpr std::uint64_t closing = 1ULL << 30U;
  static constexpr std::uint64_t alone = 1ULL << 29U;
  static constexpr std::uint64_t references = alone - 1;

  struct alignas(64) Slot {  // a cache line each: calls on different handles do not slow each other down
    std::atomic<std::uint64_t> word{0};
    std::atomic<std::uint32_t> next{0};  // index + 1 of the next free slot
    alignas(T) std::array<std::byte, sizeof(T)> storage;
    T* object() noexcept { return std::launder(reinterpret_cast<T*>(storage.data())); }
  };
  struct Chunk {
    std::array<Slot, chunk_slots> slots;
  };

 public:
  /// Keeps an object alive. Empty if the number did not stand for an open one.
  class Reference {
   public:
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;
    ~Reference() {
      if (slot_ == nullptr) return;
      if (alone_) slot_->word.fetch_and(~alone, std::memory_order_release);
      table_->release(index_, *slot_);
    }
    explicit operator bool() const noexcept { return slot_ != nullptr; }
    T& operator*() const noexcept { return *slot_->object(); }
    T* operator->() const noexcept { return slot_->object(); }
    /// Why it is empty.
    HandleState state() const noexcept { return state_; }

   private:
    friend HandleTable;
    explicit Reference(HandleState why) noexcept : state_(why) {}
    Reference(HandleTable* table, std::uint32_t index, Slot* slot, bool is_alone) noexcept
        : table_(table), slot_(slot), index_(index), state_(HandleState::open), alone_(is_alone) {
      if (alone_) wait_for_others();
    }
    void wait_for_others() const noexcept {
      while ((slot_->word.load(std::memory_order_acquire) & references) != 1) platform::sleep_briefly();
    }
    HandleTable* table_ = nullptr;
    Slot* slot_ = nullptr;
    std::uint32_t index_ = 0;
    HandleState state_;
    bool alone_ = false;
  };

  constexpr HandleTable() = default;
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  /// A number for an object, which moves in. 0 if there is no room or no memory; the object then stays where it is.
  std::int64_t issue(T&& object) noexcept {
    const std::int64_t index = take_slot();
    if (index < 0) return 0;
    Slot& slot = slot_at(static_cast<std::uint32_t>(index));
    new (slot.storage.data()) T(std::move(object));
    live_handles.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t generation = (slot.word.load(std::memory_order_relaxed) >> 32U) + 1;
    slot.word.store(generation << 32U | live, std::memory_order_release);
    return std::int64_t{Type} << 52U | index << 32U | static_cast<std::int64_t>(generation);
  }

  /// The object behind a number, kept alive as long as the reference. Waits while another call is alone with it.
  Reference acquire(std::int64_t handle) noexcept { return enter(handle, 1); }

  /// As acquire, for a call that no other may run beside: waits until those in flight end, and lets no new one begin
  /// as long as the reference lives.
  Reference acquire_alone(std::int64_t handle) noexcept { return enter(handle, alone | 1); }

  HandleState state_of(std::int64_t handle) noexcept {
    const Found found = find(handle);
    if (found.slot == nullptr) return HandleState::never;
    return state_of(found.slot->word.load(std::memory_order_acquire), found.generation);
  }

  /// Gives a number up; only the one thread that the object itself has let close it may call this.
  /// If no other call is in flight, finish(object) runs; if that answers false the handle is open again.
  /// Otherwise the last call in flight destroys the object. Returns what finish returned, or true.
  template <class Finish>
  bool close(const Reference& reference, Finish finish) noexcept {
    std::atomic<std::uint64_t>& word = reference.slot_->word;
    std::uint64_t expected = (word.load(std::memory_order_relaxed) & ~(references | alone)) | 1;
    if (word.compare_exchange_strong(expected, expected | closing, std::memory_order_acq_rel)) {
      if (finish(*reference)) return true;
      word.fetch_and(~closing, std::memory_order_release);
      return false;
    }
    word.fetch_or(closing, std::memory_order_acq_rel);
    return true;
  }

 private:
  struct Found {
    Slot* slot;
    std::uint32_t index;
    std::uint32_t generation;
  };

  /// Adds to the word of an open handle: a reference, and the flag of being alone if that is asked for.
  Reference enter(std::int64_t handle, std::uint64_t add) noexcept {
    const Found found = find(handle);
    if (found.slot == nullptr) [[unlikely]]
      return Reference(HandleState::never);
    std::uint64_t word = found.slot->word.load(std::memory_order_acquire);
    do {
      while ((word & alone) != 0) [[unlikely]] {
        platform::sleep_briefly();
        word = found.slot->word.load(std::memory_order_acquire);
      }
      if (const HandleState state = state_of(word, found.generation); state != HandleState::open) [[unlikely]] {
        return Reference(state);
      }
    } while (!found.slot->word.compare_exchange_weak(word, word + add, std::memory_order_acquire));
    return Reference(this, found.index, found.slot, (add & alone) != 0);
  }

  static HandleState state_of(std::uint64_t word, std::uint32_t generation) noexcept {
    const auto current = static_cast<std::uint32_t>(word >> 32U);
    if (generation > current) return HandleState::never;
    if (generation == current && (word & (live | closing)) == live) return HandleState::open;
    return HandleState::closed;
  }

  Slot& slot_at(std::uint32_t index) noexcept {
    return chunks_[index / chunk_slots].load(std::memory_order_acquire)->slots[index % chunk_slots];
  }

  Found find(std::int64_t handle) noexcept {
    const auto bits = static_cast<std::uint64_t>(handle);
    const auto index = static_cast<std::uint32_t>(bits >> 32U & 0xFFFFFU);
    const auto generation = static_cast<std::uint32_t>(bits);
    if (bits >> 52U != Type || generation == 0 || index >= slots) return {nullptr, 0, 0};
    Chunk* const chunk = chunks_[index / chunk_slots].load(std::memory_order_acquire);
    if (chunk == nullptr) return {nullptr, 0, 0};
    return {&chunk->slots[index % chunk_slots], index, generation};
  }

  void release(std::uint32_t index, Slot& slot) noexcept {
    const std::uint64_t before = slot.word.fetch_sub(1, std::memory_order_acq_rel);
    if ((before & (closing | references)) != (closing | 1)) [[likely]]
      return;
    std::destroy_at(slot.object());
    live_handles.fetch_sub(1, std::memory_order_relaxed);
    const std::uint64_t generation = before >> 32U;
    slot.word.store(generation << 32U, std::memory_order_release);
    if (generation != LastGeneration) free_slot(index, slot);
  }

  // Free slots form a stack: {a count that changes with every step, index + 1 of the first}.
  void free_slot(std::uint32_t index, Slot& slot) noexcept {
    std::uint64_t head = free_.load(std::memory_order_relaxed);
    do {
      slot.next.store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
    } while (!free_.compare_exchange_weak(head, ((head >> 32U) + 1) << 32U | (index + 1), std::memory_order_release));
  }

  std::int64_t take_slot() noexcept {
    std::uint64_t head = free_.load(std::memory_order_acquire);
    while (static_cast<std::uint32_t>(head) != 0) {
      const std::uint32_t index = static_cast<std::uint32_t>(head) - 1;
      const std::uint64_t next = slot_at(index).next.load(std::memory_order_relaxed);
      if (free_.compare_exchange_weak(head, ((head >> 32U) + 1) << 32U | next, std::memory_order_acquire)) return index;
    }
    std::uint32_t index = used_.load(std::memory_order_relaxed);
    do {
      if (index >= slots) return -1;
      if (!ensure_chunk(index / chunk_slots)) return -1;
    } while (!used_.compare_exchange_weak(index, index + 1, std::memory_order_relaxed));
    return index;
  }

  bool ensure_chunk(std::size_t number) noexcept {
    if (chunks_[number].load(std::memory_order_acquire) != nullptr) return true;
    std::size_t room = sizeof(Chunk) + alignof(Chunk) - 1;  // aligned_alloc does not exist everywhere
    void* const storage = std::malloc(room);
    if (storage == nullptr) return false;
    void* place = storage;
    auto* const chunk = new (std::align(alignof(Chunk), sizeof(Chunk), place, room)) Chunk;
    Chunk* expected = nullptr;
    if (!chunks_[number].compare_exchange_strong(expected, chunk, std::memory_order_acq_rel)) std::free(storage);
    return true;
  }

  std::array<std::atomic<Chunk*>, Chunks> chunks_{};
  std::atomic<std::uint32_t> used_{0};
  std::atomic<std::uint64_t> free_{0};
};

}  // namespace stdbind

#endif
