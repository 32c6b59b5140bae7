/** @file comments.h
 *  A comment about the file belongs to no item.
 */

/** Doubles a number. It is exact.
 *
 *  Errors: none.
 *  - a list
 *  - of lines
 *
 *  @param number what to double;
 *         in two lines
 *  @param[out] result where it goes
 *  @return 1, or 0 if @p number is too large
 *  @throws overflow never
 *  @see sample_half(3)
 */
int sample_double(int number, int *result);

/// One line, three slashes.
int sample_slashes(void);

//! @brief Brief. @param a the first @return the sum
int sample_one_line(int a);

/* A plain comment before its function. */
int sample_plain(void);

/* This one is far away. */


int sample_undocumented(void);

int sample_trailing(void); /**< Behind the declaration. */

/* Two macros share this comment, so it belongs to neither. */
#define SAMPLE_A 1
#define SAMPLE_B 2

#define SAMPLE_C 3 /**< the third */

/** Kinds of samples. */
enum sample_kind {
  SAMPLE_FIRST,  /**< the first */
  /** the second, said before it */
  SAMPLE_SECOND,
  SAMPLE_THIRD /* the third, plain */
};

/** A structure. */
struct sample_with_fields {
  int plain; /**< a field */
  /** Said before. */
  int before, beside;
};
