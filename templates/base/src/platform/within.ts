/** Runs `work` for at most `ms` milliseconds; work that does not listen to its signal is left behind. */
export async function within<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  late = () => new Error(`no answer within ${ms} ms`),
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = late();
      // First, or work that ends by the signal would have its own word.
      reject(error);
      controller.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
