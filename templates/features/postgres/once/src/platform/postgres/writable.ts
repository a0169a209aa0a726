import type pg from 'pg';

/** @throws where the server behind `pool` takes no writes, as a standby does or a primary that was demoted. */
export async function checkWritable(pool: pg.Pool): Promise<void> {
  // The connection may have stayed with a server that was demoted: only a new one tells where the address leads now.
  if ((await isWritable(pool)) || (await isWritable(pool))) return;
  throw new Error('the database takes no writes: it is a standby, or was made read-only');
}

/** Asks on one connection, and closes it where the answer is no. */
async function isWritable(pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect();
  let isGood = false;
  try {
    const { rows } = await client.query("select current_setting('transaction_read_only') = 'off' as writable");
    isGood = rows[0].writable;
    return isGood;
  } finally {
    client.release(!isGood);
  }
}
