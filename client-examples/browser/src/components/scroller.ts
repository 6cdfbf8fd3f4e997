/** A list that grows at its end: at the end one stays there, elsewhere the text under one's eyes stays where it is. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export type Box = RefObject<HTMLDivElement | null>;

export interface Place {
  unseen: number;
  onScroll: () => void;
  toEnd: () => void;
}

/** What the list has: the places of its first and last entry, and how many of one's own are under way. */
export interface Extent {
  first: number;
  last: number;
  drafts: number;
}

const NEAR_END_PX = 80;
/** Earlier entries are asked for a little before one gets there. */
const NEAR_START_PX = 300;

export function usePlace(scroller: Box, extent: Extent, entries: readonly unknown[], onNearStart: () => void): Place {
  const [unseen, setUnseen] = useState(0);
  const isAtEnd = useRef(true);
  const lastTop = useRef(0);
  const before = useRef({ first: 0, last: 0, height: 0, drafts: 0 });
  const toEnd = (): void => {
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
    isAtEnd.current = true;
    setUnseen(0);
  };
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const now = { ...extent, height: box.scrollHeight };
    const was = before.current;
    before.current = now;
    if (isAtEnd.current || now.drafts > was.drafts) return toEnd();
    if (now.first < was.first) box.scrollTop += now.height - was.height;
    if (now.last > was.last) setUnseen((count) => count + now.last - was.last);
  }, [entries, extent.drafts]);
  useStayAtEnd(scroller, isAtEnd);
  const onScroll = (): void => {
    const box = scroller.current;
    if (!box) return;
    isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    if (isAtEnd.current) setUnseen(0);
    if (box.scrollTop < lastTop.current && box.scrollTop < NEAR_START_PX) onNearStart();
    lastTop.current = box.scrollTop;
  };
  return { unseen, onScroll, toEnd };
}

/** Pictures load, the composer grows, a phone turns: at the end one stays at the end. */
function useStayAtEnd(scroller: Box, isAtEnd: RefObject<boolean>): void {
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    for (const child of box.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
}
