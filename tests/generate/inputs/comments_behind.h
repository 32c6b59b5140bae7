int sample_first(int a);
/* The first function of a header whose author writes behind. It returns a.

     A second paragraph.
*/

int sample_second(int b);
/*
   The second function.
*/
int sample_third(int c);
/* The third function. */
