import type { Action } from '../linux/action.ts';

/** An action in words a person can type or understand; contents of files stay out. */
function describeAction(action: Action): string {
  switch (action.op) {
    case 'ip':
      return ['ip', ...(action.netns === undefined ? [] : ['-n', action.netns]), ...action.args].join(' ');
    case 'sysctl':
      return `${action.netns === undefined ? '' : `ip netns exec ${action.netns} `}sysctl -w ${action.key}=${action.value}`;
    case 'netns-add':
      return `ip netns add ${action.name}`;
    case 'netns-delete':
      return `ip netns delete ${action.name}`;
    case 'file':
      return `${action.file.do} ${action.file.path}`;
    case 'exec':
      return action.command.argv.join(' ');
  }
}

export function describeActions(actions: readonly Action[]): string {
  return actions.map(describeAction).join('; ');
}
