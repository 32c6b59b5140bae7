// How values look as text: `"{x}"`, print, and format specs.
#pragma once

#include <string>

#include "../ast.hpp"
#include "value.hpp"

namespace stdbind::simple {

/// What print shows, as the tree-walk interpreter does: text in collections without quotes, `Shape::Circle(2)`,
/// 1.0 as `1`. *errors*: raises on values nested too deeply.
std::string display(const Value& value);
void display_to(std::string& out, const Value& value);
/// For messages of failed expectations: text in quotes.
std::string quoted(const Value& value);
/// One value by a spec. *errors*: raises when the spec does not suit the value.
std::string format(const Value& value, const FormatSpec& spec);
/// The shortest decimal that reads back as this number, never with an exponent; NaN, inf, -inf.
std::string float_text(double value);

// UTF-8 helpers. Text is valid UTF-8 throughout.
std::size_t char_count(std::string_view text);
/// Bytes of the character that starts with this byte.
std::size_t char_length(char lead);
/// The byte offset of the n-th character, or the size of the text.
std::size_t char_offset(std::string_view text, std::size_t n);
bool valid_utf8(std::string_view bytes);
void append_utf8(std::string& out, std::uint32_t code_point);
std::uint32_t code_point_at(std::string_view text, std::size_t offset);

}  // namespace stdbind::simple
