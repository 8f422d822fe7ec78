/* For pages that were written for Chatwoot's live chat: its calls and events, said to Frontdesk. */

const EVENTS = { open: 'opened', close: 'closed', 'message:received': 'on-message', error: 'error' };

export function mount({ call }) {
  const tell = (name, detail) => window.dispatchEvent(new CustomEvent(`chatwoot:${name}`, { detail }));
  const { hideMessageBubble, position, locale, darkMode } = window.chatwootSettings ?? {};
  const told = new Set();

  const $chatwoot = {
    toggle: (state = 'toggle') => call(state),
    setUser: (userId, { identifier_hash: hash, name, email } = {}) => hash && call('identify', { userId, hash, name, email }),
    setLocale: (wish) => call('update', { locale: wish.replace('_', '-') }),
    setColorScheme: (theme) => call('update', { theme }),
    toggleBubbleVisibility: (wish) => call(wish),
    reset: () => call('reset'),
  };
  const none = ['setCustomAttributes', 'deleteCustomAttribute', 'setConversationCustomAttributes', 'setLabel', 'removeLabel', 'popoutChatWindow'];
  for (const name of none) {
    $chatwoot[name] = () => told.has(name) || (told.add(name), console.warn(`Frontdesk: Chatwoot's "${name}" has no counterpart.`));
  }

  for (const [ours, theirs] of Object.entries(EVENTS)) call.on(ours, (value) => tell(theirs, value));
  if (hideMessageBubble) call('hide');
  call('update', { position, locale: locale?.replace('_', '-'), theme: darkMode });
  window.$chatwoot = $chatwoot;
  window.chatwootSDK = { run: () => {} };
  tell('ready');
}
