/* For pages that were written for Crisp's chat box: its calls, said to Frontdesk. */

const EVENTS = {
  __proto__: null, 'chat:opened': 'open', 'chat:closed': 'close', 'message:sent': 'message:sent',
  'message:received': 'message:received', 'session:loaded': 'ready',
};

export function mount({ call }) {
  const before = Array.isArray(window.$crisp) ? window.$crisp : [];
  const listening = new Map();
  const told = new Set();
  let email;

  const deeds = {
    __proto__: null,
    'chat:open': () => call('open'),
    'chat:close': () => call('close'),
    'chat:toggle': () => call('toggle'),
    'chat:show': () => call('show'),
    'chat:hide': () => call('hide'),
    'helpdesk:search': () => call('open', { view: 'help' }),
    'session:reset': () => call('reset'),
    'message:send': ([kind, text]) => kind === 'text' && call('send', text),
  };
  const sets = {
    __proto__: null,
    'message:text': ([prefill]) => call('open', { prefill }),
    'user:email': ([address, hash]) => hash && call('identify', { userId: address, hash, email: (email = address) }),
  };

  function push([verb, name, value]) {
    const listener = typeof value === 'function' ? value : undefined;
    if (verb === 'do' && deeds[name]) deeds[name](value ?? []);
    else if (verb === 'set' && sets[name]) sets[name]([value].flat());
    else if (verb === 'on' && EVENTS[name]) listening.set(name, call.on(EVENTS[name], (said) => listener?.(said)));
    else if (verb === 'off') listening.get(name)?.();
    else if (!told.has(name) && told.add(name)) console.warn(`Frontdesk: Crisp's "${verb} ${name}" has no counterpart.`);
  }

  const open = () => call.get('state').open;
  const is = { __proto__: null, 'chat:opened': open, 'chat:closed': () => !open() };
  window.$crisp = {
    push,
    is: (name) => Boolean(is[name]?.()),
    get: (name) => ({ 'chat:unread:count': call.get('state').unread, 'user:email': email ?? null })[name] ?? null,
  };
  before.forEach(push);
  window.CRISP_READY_TRIGGER?.();
}
