/** One after the other, in the order in which they were asked for, whether one before has failed or not. */
export function inTurn(): <Done>(work: () => Promise<Done>) => Promise<Done> {
  let before: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = before.then(work, work);
    before = done;
    return done;
  };
}
