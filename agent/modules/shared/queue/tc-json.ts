/**
 * What `tc -j` prints, as the JSON that it should be: the default of an hfsc, and what a basic filter matches, are printed as
 * plain text (tc/q_hfsc.c and tc/em_*.c of iproute2 6.x). The matches are left out.
 */
export function tcJson(printed: string): string {
  return printed.replace(/\{default (\S+) \}/g, '{"default":"$1"}').replace(/"(?:\n [^\n]*)+\n\}/g, '"}');
}
