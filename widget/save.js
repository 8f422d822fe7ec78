/* The conversation as a text file on the visitor's own machine; nothing is asked of the server. */

/** Returns `save(rows)`, which offers them for download, one message a paragraph. */
export const mount = ({ bot, words }) => (rows) => {
  const lines = rows.map((row) => `[${new Date(row.created_at).toLocaleString(document.documentElement.lang)}] ${name(row, bot, words)}${row.text}`);
  const url = URL.createObjectURL(new Blob([`${lines.join('\n\n')}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'conversation.txt';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
};

function name(row, bot, words) {
  if (row.author === 'system') return '';
  return `${row.author === 'visitor' ? words.you : row.name || bot.name}: `;
}
