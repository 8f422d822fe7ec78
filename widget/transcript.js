/* The conversation as a text file on the visitor's own machine; nothing is asked of the server. */
import { WORDS } from './words.js';

/** Offers `rows` for download, one message a paragraph. */
export function save(rows, bot) {
  const lines = rows.map((row) => `[${new Date(row.created_at).toLocaleString()}] ${name(row, bot)}${row.text}`);
  const url = URL.createObjectURL(new Blob([`${lines.join('\n\n')}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'conversation.txt';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

function name(row, bot) {
  if (row.author === 'system') return '';
  return `${row.author === 'visitor' ? WORDS.you : row.name || bot.name}: `;
}
