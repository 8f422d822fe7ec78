/* For pages that were written for Intercom's Messenger: its calls, said to Frontdesk. */

const EVENTS = { onShow: 'open', onHide: 'close', onUnreadCountChange: 'unread' };

export function mount({ call }) {
  const before = window.Intercom?.q ?? [];
  const told = new Set();

  function who({ user_id, email, user_hash, intercom_user_jwt: token, name, hide_default_launcher: hidden, ...rest } = {}) {
    if (hidden != null) call(hidden ? 'hide' : 'show');
    if (token) call('identify', { token });
    else if (user_hash) call('identify', { userId: user_id ?? email, hash: user_hash, name, email });
    if (rest.language_override) call('update', { locale: rest.language_override });
  }

  const calls = {
    __proto__: null,
    boot: who,
    update: who,
    shutdown: () => call('reset'),
    show: () => call('open'),
    hide: () => call('close'),
    showMessages: () => call('open', { view: 'chat' }),
    showSpace: (space) => call('open', { view: space === 'help' ? 'help' : 'chat' }),
    showArticle: () => call('open', { view: 'help' }),
    showNewMessage: (prefill) => call('open', { view: 'chat', prefill }),
  };

  function Intercom(command, ...values) {
    if (EVENTS[command]) call.on(EVENTS[command], values[0]);
    else if (calls[command]) calls[command](...values);
    else if (!told.has(command) && told.add(command)) console.warn(`Frontdesk: Intercom's "${command}" has no counterpart.`);
  }

  window.Intercom = Intercom;
  who(window.intercomSettings);
  for (const values of before) Intercom(...values);
}
