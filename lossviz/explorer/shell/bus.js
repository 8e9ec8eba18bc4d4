// What the parts of one explorer tell each other.

/**
 * `on(event, handler)` and `tell(event, ...details)`. The events:
 * "moved" (name): a control stands elsewhere · "covered": revealed or covered · "hidden": other curves are hidden ·
 * "changed": draw · "rested": nothing has changed for a while · "resized": measure again · "swept": a sweep began or
 * ended · "presented" (isOn) · "pinched": two fingers enlarge the page
 */
export function createBus() {
  const handlers = {};
  return {
    on: (event, handler) => (handlers[event] ??= []).push(handler),
    tell: (event, ...details) => handlers[event]?.forEach((handler) => handler(...details)),
  };
}
