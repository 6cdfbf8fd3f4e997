"""Finds text that does not stand out from what it is written on (WCAG 2, 1.4.3: 4.5 to 1)."""

FAINT_TEXT = """() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext('2d', {willReadFrequently: true});
    const paint = (colors) => {
        pen.clearRect(0, 0, 1, 1);
        for (const color of colors) { pen.fillStyle = color; pen.fillRect(0, 0, 1, 1); }
        return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (rgb) => {
        const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const words = walker.currentNode.data.trim();
        const element = walker.currentNode.parentElement;
        if (!words || !element.checkVisibility() || element.closest('.visually-hidden, :disabled, noscript, option')) continue;
        const grounds = [];
        for (let one = element; one; one = one.parentElement) grounds.unshift(getComputedStyle(one).backgroundColor);
        const ground = light(paint(['white', ...grounds]));
        const ink = light(paint(['white', ...grounds, getComputedStyle(element).color]));
        const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
        if (contrast < 4.5) faint.push(`${words.slice(0, 40)}: ${contrast.toFixed(2)}`);
    }
    return faint;
}"""
