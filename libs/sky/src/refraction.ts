/**
 * Atmospheric refraction near the ground: the constants A, B of dZ = A tan Z + B tan^3 Z (Z observed), from the weather (Stone 1996, Green
 * 1985; the model of the SOFA routine REFCO). Above 15 degrees within 0.1 arcsec of ray tracing, 15 arcsec at 5 degrees.
 */

export interface Weather {
  /** pressure at the observer [hPa]; 0 is no atmosphere */
  readonly pressureHpa: number;
  readonly temperatureC: number;
  /** 0 to 1 */
  readonly relativeHumidity: number;
  /** of the light [micrometres]; beyond 100 the radio law holds */
  readonly wavelengthMicron: number;
}

export interface RefractionConstants {
  /** [rad] */
  readonly a: number;
  readonly b: number;
}

export const NO_REFRACTION: RefractionConstants = { a: 0, b: 0 };

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

export function refractionConstants(weather: Weather): RefractionConstants {
  const celsius = clamp(weather.temperatureC, -150, 200);
  const pressure = clamp(weather.pressureHpa, 0, 10000);
  const humidity = clamp(weather.relativeHumidity, 0, 1);
  const wavelength = clamp(weather.wavelengthMicron, 0.1, 1e6);
  const radio = weather.wavelengthMicron > 100;
  const kelvin = celsius + 273.15;
  let vapour = 0;
  if (pressure > 0) {
    const saturation =
      10 ** ((0.7859 + 0.03477 * celsius) / (1 + 0.00412 * celsius)) *
      (1 + pressure * (4.5e-6 + 6e-10 * celsius * celsius));
    vapour = (humidity * saturation) / (1 - ((1 - humidity) * saturation) / pressure);
  }
  const w2 = wavelength * wavelength;
  // refractive index of the air at the observer, less 1
  const gamma = radio
    ? (77.689e-6 * pressure - (6.3938e-6 - 0.375463 / kelvin) * vapour) / kelvin
    : ((77.53484e-6 + (4.39108e-7 + 3.666e-9 / w2) / w2) * pressure - 11.2684e-6 * vapour) / kelvin;
  // scale height of the atmosphere over the Earth's radius
  const beta = 4.4474e-6 * kelvin * (radio ? 1 - 0.0074 * vapour : 1);
  return { a: gamma * (1 - beta), b: -gamma * (beta - gamma / 2) };
}
