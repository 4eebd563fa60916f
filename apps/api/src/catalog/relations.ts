// How tables hang together in GraphQL: for each field that leads to other rows, the columns of its own row it stands on.

export const NEEDS: Readonly<Record<string, readonly string[]>> = {
  lightCurve: ['diaObjectId', 'objectId'],
  lightCurveColumns: ['diaObjectId', 'objectId'],
  forcedSources: ['diaObjectId', 'objectId'],
  history: ['diaObjectId'],
  diaObject: ['diaObjectId'],
  ssObject: ['ssObjectId'],
  ssSource: ['diaSourceId'],
  diaSource: ['diaSourceId'],
  ssSources: ['ssObjectId'],
  diaSources: ['ssObjectId', 'visit', 'detector'],
  orbit: ['designation'],
  object: ['objectId'],
  observedIn: ['visit'],
  visitDetector: ['visit', 'detector'],
  alert: ['diaSourceId'],
};
