// SPDX-License-Identifier: Apache-2.0
// The canvas as a component: size, pointer, wheel, pinch and keys; events go out through callbacks.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { flashing, flashOn } from "../state/clock";
import { prefs, shade } from "../state/prefs";
import { Icon } from "../ui/icons";
import { MapEngine, type Source, type Target } from "./engine";
import { layoutLevel, type SiteNode } from "./layout";

interface Props {
	tree: SiteNode;
	treeId: string; // changes when boxes have to be laid out anew
	level: string;
	source: Source;
	version: number; // states changed
	selected: string;
	summary: string;
	onEnter: (site: string) => void;
	onDevice: (id: string) => void;
	onOpen: (id: string) => void;
	onUp: () => void;
	onAck: (id: string) => void;
}

const MOVE_PX = 4;
const ARROWS: Record<string, [number, number]> = {
	ArrowLeft: [-1, 0],
	ArrowRight: [1, 0],
	ArrowUp: [0, -1],
	ArrowDown: [0, 1],
};

/** Pointers on the canvas: drag pans, two fingers zoom, a short press picks. */
function usePointers(
	layer: { current: HTMLCanvasElement | null },
	engine: { current: MapEngine | null },
	pick: (t: Target) => void,
) {
	const pickNow = useRef(pick);
	pickNow.current = pick;
	useEffect(() => {
		const el = layer.current;
		if (!el) return;
		const down = new Map<number, { x: number; y: number }>();
		let moved = 0;
		const place = (e: PointerEvent) => ({ x: e.offsetX, y: e.offsetY });
		const onDown = (e: PointerEvent) => {
			el.setPointerCapture(e.pointerId);
			down.set(e.pointerId, place(e));
			if (down.size === 1) moved = 0;
		};
		const onMove = (e: PointerEvent) => {
			const m = engine.current;
			const p = place(e);
			const old = down.get(e.pointerId);
			if (!m) return;
			if (!old) {
				const target = m.at(p.x, p.y);
				m.setHover(target);
				el.classList.toggle("pointing", target !== null);
				return;
			}
			moved += Math.hypot(p.x - old.x, p.y - old.y);
			const other = [...down].find(([id]) => id !== e.pointerId)?.[1];
			if (other) {
				const before = Math.hypot(old.x - other.x, old.y - other.y);
				const after = Math.hypot(p.x - other.x, p.y - other.y);
				m.zoom(after / Math.max(1, before), (p.x + other.x) / 2, (p.y + other.y) / 2);
			} else if (moved > MOVE_PX) m.pan(p.x - old.x, p.y - old.y);
			down.set(e.pointerId, p);
		};
		const onUp = (e: PointerEvent) => {
			const single = down.size === 1 && down.delete(e.pointerId);
			down.delete(e.pointerId);
			const p = place(e);
			if (single && moved <= MOVE_PX && e.type === "pointerup")
				pickNow.current(engine.current?.at(p.x, p.y) ?? null);
		};
		const onLeave = () => engine.current?.setHover(null);
		const onWheel = (e: WheelEvent) => {
			e.preventDefault();
			engine.current?.zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0015)), e.offsetX, e.offsetY);
		};
		el.addEventListener("pointerdown", onDown);
		el.addEventListener("pointermove", onMove);
		el.addEventListener("pointerup", onUp);
		el.addEventListener("pointercancel", onUp);
		el.addEventListener("pointerleave", onLeave);
		el.addEventListener("wheel", onWheel, { passive: false });
		return () => {
			el.removeEventListener("pointerdown", onDown);
			el.removeEventListener("pointermove", onMove);
			el.removeEventListener("pointerup", onUp);
			el.removeEventListener("pointercancel", onUp);
			el.removeEventListener("pointerleave", onLeave);
			el.removeEventListener("wheel", onWheel);
		};
	}, [layer, engine]);
}

function Controls({ engine }: { engine: { current: MapEngine | null } }) {
	return (
		<div class="map-controls">
			<button
				type="button"
				class="icon-button"
				title={t("map.zoom_in")}
				aria-label={t("map.zoom_in")}
				onClick={() => engine.current?.zoom(1.4)}
			>
				<Icon name="plus" />
			</button>
			<button
				type="button"
				class="icon-button"
				title={t("map.zoom_out")}
				aria-label={t("map.zoom_out")}
				onClick={() => engine.current?.zoom(1 / 1.4)}
			>
				<Icon name="minus" />
			</button>
			<button
				type="button"
				class="icon-button"
				title={t("map.fit")}
				aria-label={t("map.fit")}
				onClick={() => engine.current?.fit()}
			>
				<Icon name="fit" />
			</button>
		</div>
	);
}

export function MapView(props: Props) {
	const place = useRef<HTMLDivElement>(null);
	const base = useRef<HTMLCanvasElement>(null);
	const layer = useRef<HTMLCanvasElement>(null);
	const engine = useRef<MapEngine | null>(null);
	const now = useRef(props);
	now.current = props;
	const laidOut = useRef("");

	const layout = () => {
		const m = engine.current;
		if (!m?.size.width) return;
		m.setLevel(
			layoutLevel(now.current.tree, m.size.width, m.size.height),
			laidOut.current === now.current.level,
		);
		laidOut.current = now.current.level;
		m.focusDevice(now.current.selected);
	};
	// the engine lives as long as the canvas
	useLayoutEffect(() => {
		const el = place.current;
		if (!el || !base.current || !layer.current) return;
		const source: Source = {
			cell: (id) => now.current.source.cell(id),
			box: (b) => now.current.source.box(b),
			folded: (n) => now.current.source.folded(n),
		};
		const m = new MapEngine(base.current, layer.current, source);
		engine.current = m;
		const watch = new ResizeObserver(() => {
			m.resize(el.clientWidth, el.clientHeight);
			layout();
		});
		watch.observe(el);
		return () => {
			watch.disconnect();
			m.stop();
			engine.current = null;
		};
	}, []);
	// treeId says when
	useLayoutEffect(layout, [props.treeId, props.level]);
	// version says when
	useLayoutEffect(() => engine.current?.invalidate(), [props.version, props.source]);
	useLayoutEffect(() => engine.current?.focusDevice(props.selected), [props.selected]);
	const theme = `${shade.value} ${prefs.theme.value} ${prefs.greenNormal.value}`;
	// the colours come from the style sheet
	useEffect(() => engine.current?.restyle(), [theme]);
	const bright = flashOn.value;
	const frozen = !flashing.value;
	useEffect(() => engine.current?.setFlash(bright, frozen), [bright, frozen]);

	usePointers(layer, engine, (target) => {
		if (target?.kind === "box") props.onEnter(target.box.key);
		else if (target?.kind === "cell") props.onDevice(target.cell.id);
		else props.onDevice("");
	});

	const onKey = (e: KeyboardEvent) => {
		const m = engine.current;
		if (!m || e.ctrlKey || e.altKey || e.metaKey) return;
		const arrow = ARROWS[e.key];
		const f = m.focused;
		if (arrow) m.step(...arrow);
		else if (e.key === "Enter" && f) f.kind === "box" ? props.onEnter(f.box.key) : props.onOpen(f.cell.id);
		else if (e.key === "a" && f?.kind === "cell") props.onAck(f.cell.id);
		else if (e.key === "+" || e.key === "=") m.zoom(1.4);
		else if (e.key === "-") m.zoom(1 / 1.4);
		else if (e.key === "f" || e.key === "0") m.fit();
		else return;
		e.preventDefault();
		e.stopPropagation();
	};

	return (
		<div class="map" ref={place} data-testid="map">
			<canvas ref={base} class="map-base" aria-hidden="true" />
			<canvas
				ref={layer}
				class="map-layer"
				role="img"
				aria-label={props.summary}
				// arrows move inside the map; the list beside it is the twin
				tabIndex={0}
				onKeyDown={onKey}
				onDblClick={(e) => {
					const target = engine.current?.at(e.offsetX, e.offsetY);
					if (target?.kind === "cell") props.onOpen(target.cell.id);
				}}
			/>
			<Controls engine={engine} />
		</div>
	);
}
