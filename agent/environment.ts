/** What programs on a host may look for; no credentials, sockets or sessions of whoever logged in. */
const kept = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|(http|https|ftp|no|all)_proxy)$/i;

/**
 * The environment that the agent works in and hands on. It is started from somebody's login and outlives it, and serves
 * others: what else came with that login stays out.
 */
export function ownEnvironment(login: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(login).filter(([name]) => kept.test(name)));
  // A login by SSH may have left the system's own programs out.
  return { ...own, PATH: `${login.PATH ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin` };
}
