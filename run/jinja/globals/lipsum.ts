import { randomInt } from 'node:crypto';

const words =
  'a ac accumsan ad adipiscing aenean aliquam aliquet amet ante aptent arcu at auctor augue bibendum blandit class commodo condimentum congue consectetuer consequat conubia convallis cras cubilia cum curabitur curae cursus dapibus diam dictum dictumst dignissim dis dolor donec dui duis egestas eget eleifend elementum elit enim erat eros est et etiam eu euismod facilisi facilisis fames faucibus felis fermentum feugiat fringilla fusce gravida habitant hac hendrerit hymenaeos iaculis id imperdiet in inceptos integer interdum ipsum justo lacinia lacus laoreet lectus leo libero ligula litora lobortis lorem luctus maecenas magna magnis malesuada massa mattis mauris metus mi molestie mollis montes morbi mus nam nascetur natoque nec neque netus nibh nisi nisl non nonummy nostra nulla nullam nunc odio orci ornare parturient pede pellentesque penatibus per pharetra phasellus placerat platea porta porttitor posuere potenti praesent pretium primis proin pulvinar purus quam quis quisque rhoncus ridiculus risus rutrum sagittis sapien scelerisque sed sem semper senectus sit sociis sociosqu sodales sollicitudin suscipit suspendisse taciti tellus tempor tempus tincidunt torquent tortor tristique turpis ullamcorper ultrices ultricies urna ut varius vehicula vel velit venenatis vestibulum vitae vivamus viverra volutpat vulputate'.split(
    ' ',
  );

/** Placeholder text: `paragraphs` paragraphs of `min` to `max` words, as HTML or separated by empty lines. */
export function lipsum(paragraphs: number, html: boolean, min: number, max: number): string {
  const made = Array.from({ length: paragraphs }, () => paragraph(randomInt(min, Math.max(max, min + 1))));
  return html ? made.map((text) => `<p>${text}</p>`).join('\n') : made.join('\n\n');
}

function paragraph(size: number): string {
  let text = '';
  let startsSentence = true;
  for (let index = 0; index < size; index++) {
    const word = words[randomInt(words.length)]!;
    text += (index ? ' ' : '') + (startsSentence ? word[0]!.toUpperCase() + word.slice(1) : word);
    startsSentence = index < size - 1 && randomInt(10) === 0;
    if (startsSentence) text += '.';
  }
  return `${text}.`;
}
