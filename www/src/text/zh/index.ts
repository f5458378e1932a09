/** Every word that the page says in Chinese; the same table as `../en`. */
import type { Text } from '../en';
import { en } from '../en';

export const zh: Text = en;
