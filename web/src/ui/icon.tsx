/** The page's few pictures; each stands beside words, or in a button that has a label. */

const PATHS = {
  heart: "M12 20s-7.5-4.6-7.5-10A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 7.5 3c0 5.4-7.5 10-7.5 10z",
  bookmark: "M6.5 4h11v16L12 16l-5.5 4z",
  home: "M4 11l8-7 8 7v9h-5v-5H9v5H4z",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zm5-1.500L20 20",
  star: "M12 3.500l2.600 5.500 6 .8-4.400 4.200 1.100 6L12 17l-5.300 3 1.100-6L3.400 9.800l6-.8z",
  people:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zm-6 9c0-3.300 2.700-5.500 6-5.500s6 2.200 6 5.500M16 11a3 3 0 1 0-1-5.800M17 14.700c2.400.4 4 2.300 4 5.300",
  person:
    "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.500 8.500c0-3.600 3.300-6 7.500-6s7.500 2.400 7.500 6",
  cross: "M6 6l12 12M18 6L6 18",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zm9.500 3a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  undo: "M8 5L4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11h-4",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name, filled = false }: { name: IconName; filled?: boolean }) => (
  <svg
    class="icon"
    viewBox="0 0 24 24"
    aria-hidden="true"
    fill={filled ? "currentColor" : "none"}
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    <path d={PATHS[name]} />
  </svg>
);
