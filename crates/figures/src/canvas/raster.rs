//! Arrays to embedded pictures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::grid::Grid;
use crate::style::{Colour, ColourMap};

/// An 8-bit RGBA picture, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Image {
    /// The picture with these pixels, or `None` unless `rgba` holds 4 · `width` · `height` bytes, more than none.
    pub fn new(width: u32, height: u32, rgba: Vec<u8>) -> Option<Image> {
        let expected = 4 * u64::from(width) * u64::from(height);
        (expected > 0 && rgba.len() as u64 == expected).then_some(Image { width, height, rgba })
    }

    /// A field in colour: `range` runs over the whole map, values beyond it take the colours of its ends, and what is
    /// not a number stays transparent. One pixel a node, the first row of the grid at the bottom.
    pub fn of_field(grid: &Grid, range: (f64, f64), map: ColourMap) -> Image {
        let (columns, rows) = grid.shape();
        let mut rgba = Vec::with_capacity(4 * columns * rows);
        for row in (0..rows).rev() {
            for column in 0..columns {
                let t = (grid.value(column, row) - range.0) / (range.1 - range.0);
                if t.is_nan() {
                    rgba.extend([0; 4]);
                } else {
                    let colour = map.at(t);
                    rgba.extend([colour.0, colour.1, colour.2, 255]);
                }
            }
        }
        Image { width: columns as u32, height: rows as u32, rgba }
    }

    /// A field of labels: value k takes colour k, and what has none stays transparent.
    pub fn of_labels(grid: &Grid, colours: &[Colour]) -> Image {
        let (columns, rows) = grid.shape();
        let pixel = |column: usize, row: usize| {
            let value = grid.value(column, row);
            match colours.get(value as usize).filter(|_| value >= 0.0) {
                Some(colour) => [colour.0, colour.1, colour.2, 255],
                None => [0; 4],
            }
        };
        let rows_down = (0..rows).rev().flat_map(|row| (0..columns).map(move |column| (column, row)));
        let rgba = rows_down.flat_map(|(column, row)| pixel(column, row)).collect();
        Image { width: columns as u32, height: rows as u32, rgba }
    }

    /// A colour map from bottom to top.
    pub fn of_map(map: ColourMap) -> Image {
        let rgba = (0..256).rev().flat_map(|i| {
            let colour = map.at(f64::from(i) / 255.0);
            [colour.0, colour.1, colour.2, 255]
        });
        Image { width: 1, height: 256, rgba: rgba.collect() }
    }

    /// The picture as PNG bytes; `pixels_per_metre` is noted for print when given.
    pub(crate) fn png(&self, pixels_per_metre: Option<u32>) -> Vec<u8> {
        let opaque = self.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255);
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_color(if opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
        encoder.set_compression(png::Compression::Best);
        encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);
        encoder.set_pixel_dims(pixels_per_metre.map(|n| png::PixelDimensions {
            xppu: n,
            yppu: n,
            unit: png::Unit::Meter,
        }));
        let pixels: Vec<u8> = if opaque {
            self.rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
        } else {
            self.rgba.clone()
        };
        let mut writer = encoder.write_header().expect("a Vec takes every write, and no picture is empty");
        writer.write_image_data(&pixels).expect("the constructor checked the number of bytes");
        writer.finish().expect("a Vec takes every write");
        bytes
    }

    /// The picture as a `data:` address.
    pub(crate) fn data_url(&self) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(self.png(None)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(bytes).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut pixels).unwrap();
        pixels.truncate(info.buffer_size());
        (info.width, info.height, pixels)
    }

    #[test]
    fn pixels_survive_encoding() {
        let rgba: Vec<u8> = (0..24).map(|i| i * 10).collect();
        let image = Image::new(3, 2, rgba.clone()).unwrap();
        assert_eq!(decode(&image.png(None)), (3, 2, rgba));
    }

    #[test]
    fn an_opaque_picture_loses_its_alpha_channel_only() {
        let image = Image::new(2, 1, vec![1, 2, 3, 255, 4, 5, 6, 255]).unwrap();
        assert_eq!(decode(&image.png(Some(11811))), (2, 1, vec![1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn wrong_sizes_are_refused() {
        assert_eq!(Image::new(2, 2, vec![0; 15]), None);
        assert_eq!(Image::new(0, 2, vec![]), None);
    }

    #[test]
    fn the_first_row_of_a_field_is_the_last_of_its_picture_and_nan_is_transparent() {
        let grid = Grid::sample((0.0, 1.0), (0.0, 1.0), 2, 2, |x, y| if x > 0.5 { f64::NAN } else { y });
        let image = Image::of_field(&grid, (0.0, 1.0), ColourMap::Viridis);
        let (top, bottom) = (ColourMap::Viridis.at(1.0), ColourMap::Viridis.at(0.0));
        assert_eq!(image.rgba[..4], [top.0, top.1, top.2, 255]);
        assert_eq!(image.rgba[4..8], [0; 4]);
        assert_eq!(image.rgba[8..12], [bottom.0, bottom.1, bottom.2, 255]);
    }
}
