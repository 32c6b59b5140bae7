// Destructors that need the whole tree to be known.
#include "ast.hpp"

namespace stdbind::simple {

Type::Type() = default;
Type::~Type() = default;
Pattern::Pattern() = default;
Pattern::~Pattern() = default;
ArrayExpr::~ArrayExpr() = default;
LambdaExpr::~LambdaExpr() = default;
JumpExpr::~JumpExpr() = default;

}  // namespace stdbind::simple
